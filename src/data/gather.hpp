// From what the files hold to the tensors that a network takes.
#pragma once

#include <cstdint>
#include <span>

#include "data/dataset.hpp"

namespace etalon {

// Writes the N examples at `indices` to `src`: images as (N, C, H, W) and features as (N, 1, 1, F),
// each value (raw - mean) * scale, and text as (N, T) token ids; and their labels to `labels`, N of
// them, or (N, T), the next tokens. In regression `labels` stays as it is, of any size.
//
// The spans must have just those sizes and every index must be below `dataset.size()`. Does not
// allocate. Equal input gives equal bits, on every processor: each value is one subtraction and one
// multiplication, never fused.
void gather(const Dataset& dataset, const Normalization& normalization,
            std::span<const std::uint32_t> indices, std::span<float> src,
            std::span<std::int32_t> labels);

// Writes (raw - mean) * scale of the targets of those examples to `targets`, (N, outputs). Of
// regression only.
void gather_targets(const Dataset& dataset, const Normalization& normalization,
                    std::span<const std::uint32_t> indices, std::span<float> targets);

}  // namespace etalon

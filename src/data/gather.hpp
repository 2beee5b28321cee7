// From bytes to the tensors that a network takes.
#pragma once

#include <cstdint>
#include <span>

#include "data/dataset.hpp"

namespace etalon {

// Writes (pixel - mean) * scale of the examples at `indices` to `src` (N, C, H, W), and their
// labels to `labels` (N), where N is `indices.size()`; the spans must have just those sizes and
// every index must be below `dataset.size()`. Does not allocate. Equal input gives equal bits, on
// every processor: each value is one subtraction and one multiplication, never fused.
void gather(const Dataset& dataset, const Normalization& normalization,
            std::span<const std::uint32_t> indices, std::span<float> src,
            std::span<std::int32_t> labels);

}  // namespace etalon

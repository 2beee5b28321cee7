// One example's values normalized: see `gather`.
#pragma once

#include <cstddef>
#include <cstdint>

#include "data/dataset.hpp"

namespace etalon {

void normalize_row(const std::uint8_t* row, std::size_t size, const Normalization& by, float* dst);
void normalize_row(const float* row, std::size_t size, const Normalization& by, float* dst);

}  // namespace etalon

// Sums of squares for the optimizers that compare norms, and the blocks that they are taken in.
#pragma once

#include <algorithm>
#include <cstddef>

namespace etalon {

// Floats summed in single precision before they are added to a double: a sum over any number of
// them keeps a relative error near 1e-6.
inline constexpr std::size_t kNormBlock = 4096;

// Calls `block(first, count)` for [0, size) in pieces of kNormBlock.
template <typename Block>
void for_each_block(std::size_t size, Block&& block) {
  for (std::size_t first = 0; first < size; first += kNormBlock) {
    block(first, std::min(kNormBlock, size - first));
  }
}

double sum_of_squares(const float* values, std::size_t size);

}  // namespace etalon

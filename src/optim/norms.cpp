#include "optim/norms.hpp"

#include "core/simd.hpp"

namespace etalon {
namespace norms_detail {  // cloned functions need external linkage, see core/simd.hpp

ETALON_SIMD_CLONES float block_sum(const float* values, std::size_t size) {
  float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (std::size_t i = 0; i < size; ++i) sum += values[i] * values[i];
  return sum;
}

}  // namespace norms_detail

double sum_of_squares(const float* values, std::size_t size) {
  double sum = 0.0;
  for_each_block(size, [&](std::size_t first, std::size_t count) {
    sum += static_cast<double>(norms_detail::block_sum(values + first, count));
  });
  return sum;
}

}  // namespace etalon

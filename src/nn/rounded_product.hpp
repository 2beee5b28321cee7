// Matrix products of factors rounded to bf16, with sums in float.
#pragma once

#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <vector>

#include "core/aligned_vector.hpp"

namespace etalon {

// A matrix (rows, columns) in bf16, row by row, filled from one of floats, each to the nearest; of
// two as near the even one. What is not finite stays so, and what is below the normal numbers may
// become 0. Only where `has_bf16`.
class RoundedMatrix {
 public:
  RoundedMatrix() = default;
  RoundedMatrix(std::int64_t rows, std::int64_t columns);
  void round(const float* values);
  // As a factor: the matrix, or its transpose.
  dnnl::memory factor(bool transposed = false);

 private:
  std::int64_t rows_ = 0, columns_ = 0;
  std::vector<std::uint16_t, CacheLineAllocator<std::uint16_t>> values_;
};

// dst = a · b, row by row, of factors whose memory outlives it.
class RoundedProduct {
 public:
  RoundedProduct() = default;
  RoundedProduct(const dnnl::memory& a, const dnnl::memory& b, float* dst);
  void run() { product_.execute(stream_, arguments_); }

 private:
  dnnl::stream stream_;
  dnnl::matmul product_;
  std::unordered_map<int, dnnl::memory> arguments_;
};

}  // namespace etalon

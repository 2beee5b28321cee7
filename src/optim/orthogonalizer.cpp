#include "optim/orthogonalizer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/simd.hpp"
#include "nn/layer_support.hpp"
#include "optim/norms.hpp"

namespace etalon {
namespace orthogonalizer_detail {  // cloned functions need external linkage, see core/simd.hpp

ETALON_SIMD_CLONES void scale_all(float factor, float* values, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) values[i] *= factor;
}

}  // namespace orthogonalizer_detail

namespace {

constexpr int kIterations = 5;
constexpr float kFirst = 3.4445f, kThird = -4.7750f, kFifth = 2.0315f;  // a, b, c
constexpr double kLeastNorm = 1e-7;

// C (M, N) = alpha · op(A) op(B) + beta · C of matrices that lie row by row.
struct Product {
  char transpose_a;
  char transpose_b;
  std::int64_t M, N, K;

  void operator()(float alpha, const float* a, const float* b, float beta, float* c) const {
    check_dnnl(dnnl_sgemm(transpose_a, transpose_b, M, N, K, alpha, a, transpose_a == 'T' ? M : K,
                          b, transpose_b == 'T' ? K : N, beta, c, N));
  }
};

}  // namespace

void Orthogonalizer::reserve(const MatrixShape& shape) {
  const auto grow = [](AlignedVector& vector, std::int64_t size) {
    vector.resize(std::max(vector.size(), static_cast<std::size_t>(size)));
  };
  const std::int64_t side = std::min(shape.rows, shape.columns);
  grow(other_, shape.rows * shape.columns);
  grow(square_, side * side);
  grow(power_, side * side);
}

void Orthogonalizer::iterate(const MatrixShape& shape, const float* src, float* dst) {
  const auto [rows, columns] = shape;
  const bool wide = rows <= columns;
  const std::int64_t side = wide ? rows : columns;
  const Product square =
      wide ? Product{'N', 'T', side, side, columns} : Product{'T', 'N', side, side, rows};
  square(1.0f, src, src, 0.0f, square_.data());
  std::copy_n(square_.data(), side * side, power_.data());
  Product{'N', 'N', side, side, side}(kFifth, square_.data(), square_.data(), kThird,
                                      power_.data());
  std::copy_n(src, rows * columns, dst);
  const Product step{'N', 'N', rows, columns, side};
  step(1.0f, wide ? power_.data() : src, wide ? src : power_.data(), kFirst, dst);
}

std::span<const float> Orthogonalizer::orthogonalize(std::span<float> src,
                                                     const MatrixShape& shape) {
  compute_alone();
  const double norm = std::sqrt(sum_of_squares(src.data(), src.size()));
  orthogonalizer_detail::scale_all(static_cast<float>(1.0 / (norm + kLeastNorm)), src.data(),
                                   src.size());
  float* from = src.data();
  float* to = other_.data();
  for (int i = 0; i < kIterations; ++i) {
    iterate(shape, from, to);
    std::swap(from, to);
  }
  return {from, src.size()};
}

}  // namespace etalon

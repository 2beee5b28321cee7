#include "train/vector_sums.hpp"

#include "core/simd.hpp"

namespace etalon {

// Cloned functions need external linkage, see core/simd.hpp.
namespace vector_sums_detail {

ETALON_SIMD_CLONES void add_row(const float* row, double* sums, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) sums[i] += static_cast<double>(row[i]);
}

// The sum of term(a_i, b_i), in sums that run side by side, so that the loop can be one of vectors.
template <typename Term>
[[gnu::always_inline]] inline double summed_terms(const float* a, const float* b, std::size_t size,
                                                  Term term) {
  constexpr std::size_t kLanes = 16;
  double lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) {
      lanes[k] += term(static_cast<double>(a[i + k]), static_cast<double>(b[i + k]));
    }
  }
  double sum = 0.0;
  for (const double lane : lanes) sum += lane;
  for (; i < size; ++i) sum += term(static_cast<double>(a[i]), static_cast<double>(b[i]));
  return sum;
}

ETALON_SIMD_CLONES double dot(const float* a, const float* b, std::size_t size) {
  return summed_terms(a, b, size, [](double x, double y) { return x * y; });
}

ETALON_SIMD_CLONES double distance(const float* a, const float* b, std::size_t size) {
  return summed_terms(a, b, size, [](double x, double y) { return (x - y) * (x - y); });
}

ETALON_SIMD_CLONES void add(float factor, const float* from, float* to, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] += factor * from[i];
}

}  // namespace vector_sums_detail

void add_row(const float* row, double* sums, std::size_t size) {
  vector_sums_detail::add_row(row, sums, size);
}

double dot_product(std::span<const float> a, std::span<const float> b) {
  return vector_sums_detail::dot(a.data(), b.data(), a.size());
}

double squared_distance(std::span<const float> a, std::span<const float> b) {
  return vector_sums_detail::distance(a.data(), b.data(), a.size());
}

void add_scaled(double factor, std::span<const float> from, std::span<float> to) {
  vector_sums_detail::add(static_cast<float>(factor), from.data(), to.data(), to.size());
}

}  // namespace etalon

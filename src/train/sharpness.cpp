#include "train/sharpness.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "train/vector_sums.hpp"

namespace etalon {
namespace {

// An eigenvector that is off by a tenth has an eigenvalue that is off by a hundredth, and any
// vector is one from below.
constexpr LanczosOptions kOfHalves = {.most_products = 40, .tolerance = 0.1};

struct GroupRange {
  std::size_t begin = 0, end = 0;
  std::size_t count() const { return end - begin; }
};

SymmetricProduct mean_product(const GroupMatrices& of, const GroupRange& range) {
  return [&of, range](std::span<const float> from, std::span<float> to) {
    std::fill(to.begin(), to.end(), 0.0f);
    for (std::size_t k = range.begin; k < range.end; ++k) of.add(k, from, to);
    const auto count = static_cast<float>(range.count());
    for (float& value : to) value /= count;
  };
}

// vᵀ·H_k·v of each group.
std::vector<double> quotients(const GroupMatrices& of, const GroupRange& range,
                              std::span<const float> vector) {
  std::vector<double> values;
  AlignedVector product(of.size);
  for (std::size_t k = range.begin; k < range.end; ++k) {
    std::fill(product.begin(), product.end(), 0.0f);
    of.add(k, vector, product);
    values.push_back(dot_product(vector, product));
  }
  return values;
}

double mean_quotient(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double squares_about_mean(const std::vector<double>& values) {
  const double mean = mean_quotient(values);
  return std::accumulate(values.begin(), values.end(), 0.0, [mean](double sum, double value) {
    return sum + (value - mean) * (value - mean);
  });
}

// Of a mean of `count` values, from their squares about their means; one-sided.
double margin_of(double squares, double freedom, double count, double level) {
  const boost::math::students_t student(freedom);
  return boost::math::quantile(student, 0.5 + 0.5 * level) * std::sqrt(squares / freedom / count);
}

// Each half's eigenvector on the other half.
double bound_from_below(const GroupMatrices& of, RandomStream& stream, double level) {
  const std::size_t half = of.groups / 2;
  const GroupRange first{0, half}, last{half, of.groups};
  const auto on = [&](const GroupRange& range, const GroupRange& other) {
    const auto found = largest_eigenvector(of.size, mean_product(of, other), stream, kOfHalves);
    return quotients(of, range, found.vector);
  };
  const std::vector<double> one = on(first, last), other = on(last, first);
  const auto count = static_cast<double>(of.groups);
  return 0.5 * (mean_quotient(one) + mean_quotient(other)) -
         margin_of(squares_about_mean(one) + squares_about_mean(other), count - 2.0, count, level);
}

// By what λ_max of another sample may be less; its error is Lanczos's.
double bound_from_above(const GroupMatrices& of, const LargestEigenvector& found, double level) {
  const std::vector<double> values = quotients(of, {0, of.groups}, found.vector);
  const auto count = static_cast<double>(of.groups);
  return found.eigenvalue.value + found.eigenvalue.error +
         margin_of(squares_about_mean(values), count - 1.0, count, level);
}

}  // namespace

LargestEigenvalue largest_of_mean(const GroupMatrices& of, RandomStream& stream) {
  return largest_eigenvalue(of.size, mean_product(of, {0, of.groups}), stream);
}

Sharpness sharpness_of(const GroupMatrices& of, RandomStream& stream, double level) {
  const LargestEigenvector found =
      largest_eigenvector(of.size, mean_product(of, {0, of.groups}), stream);
  Sharpness sharpness{found.eigenvalue, {}, {}};
  if (!std::isfinite(sharpness.value)) return sharpness;
  const double high = bound_from_above(of, found, level);
  const double low = bound_from_below(of, stream, level);
  if (!std::isfinite(low) || !std::isfinite(high)) return sharpness;
  sharpness.low = std::min(low, sharpness.value);
  sharpness.high = high;
  return sharpness;
}

}  // namespace etalon

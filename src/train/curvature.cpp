#include "train/curvature.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/flush_denormals.hpp"
#include "core/random.hpp"
#include "model/parameters.hpp"
#include "train/put_examples.hpp"
#include "train/vector_sums.hpp"

namespace etalon {
namespace {

constexpr std::size_t kGroups = GradientNoiseOptions::kGroups;

bool are_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

}  // namespace

Curvature::Curvature(const DataSplits& data, const ModelSpec& model, std::uint64_t seed,
                     const GradientNoiseOptions& options)
    : data_(data),
      seed_(seed),
      options_((options.validate(), options)),
      group_size_(static_cast<std::size_t>(options.examples) / kGroups),
      batch_gradient_(data, model, static_cast<std::int64_t>(group_size_)),
      hessian_(model, static_cast<std::int64_t>(group_size_)),
      indices_(kGroups * group_size_),
      parameters_(static_cast<std::size_t>(parameter_layout(model).size)),
      gradients_(kGroups * parameters_) {}

std::optional<MeasuredCurvature> Curvature::measure(std::span<const float> weights,
                                                    std::int64_t step, const StopFlag& stop) {
  const FlushDenormals flush_denormals;
  draw(step);
  compute_gradients(weights, stop);
  if (stop.requested() || !are_finite(gradients_)) return std::nullopt;
  const CurvatureProducts products = compute_products(weights, stop);
  if (stop.requested()) return std::nullopt;
  RandomStream start = start_of_sharpness(step);
  const Sharpness sharpness = sharpness_of(hessians(weights, stop), start, options_.scale.level);
  if (stop.requested() || !std::isfinite(sharpness.value)) return std::nullopt;
  return MeasuredCurvature{
      CurvatureNoise(products, gram_matrix(), static_cast<double>(group_size_), options_.scale),
      sharpness};
}

void Curvature::draw(std::int64_t step) {
  RandomStream stream(seed_, fmt::format("curvature {}", step));
  const auto size = static_cast<std::uint32_t>(data_.train.size());
  for (std::uint32_t& index : indices_) index = stream.below(size);
}

std::span<const std::uint32_t> Curvature::group(std::size_t k) const {
  return std::span(indices_).subspan(k * group_size_, group_size_);
}

std::span<const float> Curvature::gradient(std::size_t k) const {
  return std::span<const float>(gradients_).subspan(k * parameters_, parameters_);
}

void Curvature::compute_gradients(std::span<const float> weights, const StopFlag& stop) {
  for (std::size_t k = 0; k < kGroups && !stop.requested(); ++k) {
    batch_gradient_.compute(weights.data(), group(k),
                            {gradients_.data() + k * parameters_, 1.0f, false});
  }
}

std::vector<double> Curvature::gram_matrix() const {
  std::vector<double> matrix(kGroups * kGroups);
  for (std::size_t k = 0; k < kGroups; ++k) {
    for (std::size_t l = 0; l <= k; ++l) {
      matrix[k * kGroups + l] = matrix[l * kGroups + k] = dot_product(gradient(k), gradient(l));
    }
  }
  return matrix;
}

void Curvature::prepare(std::size_t k, std::span<const float> weights) {
  put_examples(data_.train, data_.normalization, group(k), hessian_);
  hessian_.prepare(weights);
}

CurvatureProducts Curvature::compute_products(std::span<const float> weights,
                                              const StopFlag& stop) {
  CurvatureProducts products(kGroups, kRows);
  AlignedVector product(parameters_);
  for (std::size_t c = 0; c < kGroups && !stop.requested(); ++c) {
    prepare(c, weights);
    for (std::size_t r = 0; r < kRows; ++r) {
      hessian_.multiply(weights, gradient(products.group_of(c, r)), {product.data(), 1.0f, false});
      for (std::size_t l = 0; l < kGroups; ++l) {
        products.at(c, r, l) = dot_product(product, gradient(l));
      }
    }
  }
  return products;
}

RandomStream Curvature::start_of_sharpness(std::int64_t step) const {
  return {seed_, fmt::format("sharpness {}", step)};
}

// Lanczos's method ends at a product that is not finite: so are those after `stop` was requested.
GroupMatrices Curvature::hessians(std::span<const float> weights, const StopFlag& stop) {
  const auto add = [this, weights, &stop](std::size_t k, std::span<const float> from,
                                          std::span<float> to) {
    if (stop.requested()) {
      std::fill(to.begin(), to.end(), NAN);
      return;
    }
    prepare(k, weights);
    hessian_.multiply(weights, from, {to.data(), 1.0f, true});
  };
  return {parameters_, kGroups, add};
}

std::optional<LargestEigenvalue> Curvature::measure_sharpness(std::span<const float> weights,
                                                              std::int64_t step,
                                                              const StopFlag& stop) {
  const FlushDenormals flush_denormals;
  draw(step);
  RandomStream start = start_of_sharpness(step);
  const LargestEigenvalue found = largest_of_mean(hessians(weights, stop), start);
  if (stop.requested() || !std::isfinite(found.value)) return std::nullopt;
  return found;
}

}  // namespace etalon

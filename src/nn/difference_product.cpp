#include "nn/difference_product.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/parameters.hpp"
#include "nn/layer_support.hpp"

namespace etalon {
namespace {

constexpr double kRelativeStep = 1e-3;  // of the weights' length

double length_of(std::span<const float> values) {
  return std::sqrt(
      std::transform_reduce(values.begin(), values.end(), 0.0, std::plus<>(),
                            [](float value) { return double{value} * double{value}; }));
}

// A difference of two gradients is mostly rounding where their factors are rounded.
ModelSpec with_floats(ModelSpec model) {
  model.precision = Precision::float32;
  return model;
}

}  // namespace

DifferenceProduct::DifferenceProduct(const ModelSpec& model, std::int64_t batch_size)
    : network_(with_floats(model), batch_size, Network::Mode::training),
      parameters_(static_cast<std::size_t>(parameter_layout(model).size)),
      ahead_(parameters_),
      behind_(parameters_) {}

void DifferenceProduct::compute_gradient(std::span<const float> weights,
                                         std::span<const float> direction, float step,
                                         AlignedVector& gradient) {
  moved_.assign(weights.begin(), weights.end());
  for (std::size_t i = 0; i < parameters_; ++i) moved_[i] += step * direction[i];
  network_.forward(moved_.data());
  network_.loss_and_backward(moved_.data(), {gradient.data(), 1.0f, false});
}

void DifferenceProduct::multiply(std::span<const float> weights, std::span<const float> direction,
                                 const GradientSink& sink) {
  const double length = length_of(direction.first(parameters_));
  const double step = length > 0.0 ? kRelativeStep * length_of(weights) / length : 0.0;
  compute_gradient(weights, direction, static_cast<float>(step), ahead_);
  compute_gradient(weights, direction, static_cast<float>(-step), behind_);
  const auto inverse = step > 0.0 ? static_cast<float>(0.5 / step) : 0.0f;
  for (std::size_t i = 0; i < parameters_; ++i) ahead_[i] = inverse * (ahead_[i] - behind_[i]);
  deposit(ahead_.data(), static_cast<std::int64_t>(parameters_), 0, sink);
}

}  // namespace etalon

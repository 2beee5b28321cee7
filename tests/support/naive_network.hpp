// The witness for networks: every layer as plain loops in double, one example at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "nn/model_spec.hpp"

namespace etalon::testing {

class NaiveNetwork {
 public:
  explicit NaiveNetwork(ModelSpec model) : model_(std::move(model)) {}

  // The logits of one example of (C, H, W) features.
  std::vector<double> logits(std::span<const double> weights,
                             std::span<const float> example) const {
    std::vector<double> values(example.begin(), example.end());
    const double* parameters = weights.data();
    for (const LayerSpec& layer : model_.layers) {
      values = std::visit([&](const auto& spec) { return apply(spec, parameters, values); }, layer);
    }
    return values;
  }

  // Mean cross-entropy of a batch.
  double loss(std::span<const double> weights, std::span<const float> examples,
              std::span<const std::int32_t> labels) const {
    const auto features = static_cast<std::size_t>(model_.input.size());
    double sum = 0.0;
    for (std::size_t n = 0; n < labels.size(); ++n) {
      const auto z = logits(weights, examples.subspan(n * features, features));
      double exponentials = 0.0;
      for (const double value : z) exponentials += std::exp(value);
      sum += std::log(exponentials) - z[static_cast<std::size_t>(labels[n])];
    }
    return sum / static_cast<double>(labels.size());
  }

 private:
  using Values = std::vector<double>;

  static std::size_t at(const ImageShape& shape, std::int64_t c, std::int64_t y, std::int64_t x) {
    return static_cast<std::size_t>((c * shape.height + y) * shape.width + x);
  }

  static Values apply(const DenseSpec& spec, const double*& parameters, const Values& src) {
    const double* weights = parameters;
    const double* bias = parameters + spec.in_features * spec.out_features;
    parameters = bias + spec.out_features;
    Values dst(bias, bias + spec.out_features);
    for (std::int64_t i = 0; i < spec.in_features; ++i) {
      for (std::int64_t o = 0; o < spec.out_features; ++o) {
        dst[static_cast<std::size_t>(o)] +=
            src[static_cast<std::size_t>(i)] * weights[i * spec.out_features + o];
      }
    }
    if (spec.relu) rectify(dst);
    return dst;
  }

  static Values apply(const ConvolutionSpec& spec, const double*& parameters, const Values& src) {
    const std::int64_t kernel_size = spec.kernel * spec.kernel * spec.in.channels;
    const double* weights = parameters;
    const double* bias = parameters + spec.out_channels * kernel_size;
    parameters = bias + spec.out_channels;
    const ImageShape out = spec.out();
    Values dst(static_cast<std::size_t>(out.size()));
    for (std::int64_t oc = 0; oc < out.channels; ++oc)
      for (std::int64_t y = 0; y < out.height; ++y)
        for (std::int64_t x = 0; x < out.width; ++x)
          dst[at(out, oc, y, x)] =
              bias[oc] + correlate(spec, weights + oc * kernel_size, src, y, x);
    rectify(dst);
    return dst;
  }

  static double correlate(const ConvolutionSpec& spec, const double* weights, const Values& src,
                          std::int64_t y, std::int64_t x) {
    double sum = 0.0;
    for (std::int64_t c = 0; c < spec.in.channels; ++c)
      for (std::int64_t ky = 0; ky < spec.kernel; ++ky)
        for (std::int64_t kx = 0; kx < spec.kernel; ++kx) {
          const std::int64_t sy = y + ky - spec.padding, sx = x + kx - spec.padding;
          if (sy < 0 || sx < 0 || sy >= spec.in.height || sx >= spec.in.width) continue;
          sum += weights[(c * spec.kernel + ky) * spec.kernel + kx] * src[at(spec.in, c, sy, sx)];
        }
    return sum;
  }

  static Values apply(const MaxPoolSpec& spec, const double*&, const Values& src) {
    const ImageShape out = spec.out();
    Values dst(static_cast<std::size_t>(out.size()), -INFINITY);
    for (std::int64_t c = 0; c < out.channels; ++c)
      for (std::int64_t y = 0; y < out.height * spec.window; ++y)
        for (std::int64_t x = 0; x < out.width * spec.window; ++x) {
          double& cell = dst[at(out, c, y / spec.window, x / spec.window)];
          cell = std::max(cell, src[at(spec.in, c, y, x)]);
        }
    return dst;
  }

  static Values apply(const FlattenSpec&, const double*&, const Values& src) { return src; }

  static void rectify(Values& values) {
    for (double& value : values) value = std::max(0.0, value);
  }

  ModelSpec model_;
};

}  // namespace etalon::testing

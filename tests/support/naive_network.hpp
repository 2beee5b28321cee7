// The witness for networks: every layer as plain loops in double over a batch, channels first.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "model/parameters.hpp"

namespace etalon::testing {

class NaiveNetwork {
 public:
  using Values = std::vector<double>;  // of one example, (C, H, W)
  using Batch = std::vector<Values>;

  // In evaluation batch norms take the running statistics behind the weights.
  explicit NaiveNetwork(ModelSpec model, bool is_training = true)
      : model_(std::move(model)),
        is_training_(is_training),
        statistics_(parameter_layout(model_).size) {}

  // The answers of each example, (positions, answers).
  Batch answers(std::span<const double> weights, std::span<const float> examples) const {
    const auto features = static_cast<std::size_t>(model_.input().size());
    Batch batch;
    for (std::size_t at = 0; at < examples.size(); at += features) {
      const auto example = examples.subspan(at, features);
      batch.emplace_back(example.begin(), example.end());
    }
    batch = run(model_.layers, weights, std::move(batch));
    for (Values& values : batch) values = positions_first(values, model_.layers.back().out);
    return batch;
  }
  Values logits(std::span<const double> weights, std::span<const float> example) const {
    return answers(weights, example).front();
  }

  // Mean cross-entropy of a batch, over all its rows.
  double loss(std::span<const double> weights, std::span<const float> examples,
              std::span<const std::int32_t> labels) const {
    const auto classes = static_cast<std::size_t>(model_.task.classes);
    double sum = 0.0;
    std::size_t next = 0;
    for (const Values& rows : answers(weights, examples)) {
      for (std::size_t at = 0; at < rows.size(); at += classes) {
        sum += row_loss({rows.data() + at, classes}, static_cast<std::size_t>(labels[next++]));
      }
    }
    return sum / static_cast<double>(labels.size());
  }

 private:
  static Values positions_first(const Values& values, const TensorShape& shape) {
    Values rows;
    for (std::int64_t p = 0; p < shape.pixels(); ++p)
      for (std::int64_t c = 0; c < shape.channels; ++c)
        rows.push_back(values[static_cast<std::size_t>(c * shape.pixels() + p)]);
    return rows;
  }

  double row_loss(std::span<const double> z, std::size_t label) const {
    double exponentials = 0.0, mean = 0.0;
    for (const double value : z) exponentials += std::exp(value), mean += value;
    mean /= static_cast<double>(z.size());
    const double s = model_.task.label_smoothing;
    return std::log(exponentials) - (1.0 - s) * z[label] - s * mean;
  }

  Batch run(const std::vector<LayerSpec>& layers, std::span<const double> weights,
            Batch batch) const {
    for (const LayerSpec& layer : layers) {
      batch = std::visit(
          [&](const auto& spec) { return apply(spec, layer, weights, std::move(batch)); },
          layer.kind);
    }
    return batch;
  }

  static double activated(double x, Activation activation) {
    if (activation == Activation::relu) return std::max(0.0, x);
    if (activation == Activation::tanh) return std::tanh(x);
    if (activation == Activation::none) return x;
    return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x)));
  }
  static Batch activated(Batch batch, Activation activation) {
    for (Values& values : batch)
      for (double& value : values) value = activated(value, activation);
    return batch;
  }

  // Every layer that treats the examples one by one.
  template <typename Function>
  static Batch each(const Batch& batch, const TensorShape& out, Function&& function) {
    Batch result;
    for (const Values& src : batch) {
      Values dst(static_cast<std::size_t>(out.size()));
      for (std::int64_t c = 0; c < out.channels; ++c)
        for (std::int64_t y = 0; y < out.height; ++y)
          for (std::int64_t x = 0; x < out.width; ++x)
            dst[at(out, c, y, x)] = function(src, c, y, x);
      result.push_back(std::move(dst));
    }
    return result;
  }
  static std::size_t at(const TensorShape& shape, std::int64_t c, std::int64_t y, std::int64_t x) {
    return static_cast<std::size_t>((c * shape.height + y) * shape.width + x);
  }

  Batch apply(const DenseSpec& spec, const LayerSpec& layer, std::span<const double> weights,
              const Batch& batch) const {
    const std::int64_t in = layer.in.channels, out = spec.out_features;
    const double* w = weights.data() + (spec.tied ? table_offset() : layer.offset);
    return activated(each(batch, layer.out,
                          [&](const Values& src, std::int64_t o, std::int64_t y, std::int64_t x) {
                            double sum = spec.tied ? 0.0 : w[in * out + o];
                            for (std::int64_t i = 0; i < in; ++i)
                              sum += src[at(layer.in, i, y, x)] *
                                     w[spec.tied ? o * in + i : i * out + o];
                            return sum;
                          }),
                     spec.activation);
  }
  std::int64_t table_offset() const {
    for (const LayerSpec& layer : model_.layers)
      if (std::holds_alternative<EmbeddingSpec>(layer.kind)) return layer.offset;
    return -1;
  }

  Batch apply(const ConvolutionSpec& spec, const LayerSpec& layer, std::span<const double> weights,
              const Batch& batch) const {
    const TensorShape& in = layer.in;
    const std::int64_t channels = in.channels / spec.groups, k = spec.kernel;
    const double* w = weights.data() + layer.offset;
    const double* bias = w + spec.out_channels * channels * k * k;
    const auto correlate = [&](const Values& src, std::int64_t o, std::int64_t y, std::int64_t x) {
      const std::int64_t first = o / (spec.out_channels / spec.groups) * channels;
      double sum = spec.bias ? bias[o] : 0.0;
      for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t ky = 0; ky < k; ++ky)
          for (std::int64_t kx = 0; kx < k; ++kx) {
            const std::int64_t sy = y * spec.stride + ky - spec.padding;
            const std::int64_t sx = x * spec.stride + kx - spec.padding;
            if (sy < 0 || sx < 0 || sy >= in.height || sx >= in.width) continue;
            sum += w[((o * channels + c) * k + ky) * k + kx] * src[at(in, first + c, sy, sx)];
          }
      return sum;
    };
    return activated(each(batch, layer.out, correlate), spec.activation);
  }

  Batch apply(const PoolSpec& spec, const LayerSpec& layer, std::span<const double>,
              const Batch& batch) const {
    const bool whole = spec.window == 0, maximum = spec.kind == PoolSpec::Kind::maximum;
    const std::int64_t height = whole ? layer.in.height : spec.window;
    const std::int64_t width = whole ? layer.in.width : spec.window;
    return each(
        batch, layer.out, [&](const Values& src, std::int64_t c, std::int64_t y, std::int64_t x) {
          double sum = 0.0, largest = -INFINITY;
          for (std::int64_t i = 0; i < height * width; ++i) {
            const double value =
                src[at(layer.in, c, y * spec.stride + i / width, x * spec.stride + i % width)];
            sum += value, largest = std::max(largest, value);
          }
          return maximum ? largest : sum / static_cast<double>(height * width);
        });
  }

  // Normalizes the values of `batch` for which `belongs` holds.
  struct Moments {
    double sum = 0.0, squares = 0.0, count = 0.0;
    void add(double value) { sum += value, squares += value * value, ++count; }
    double mean() const { return sum / count; }
    double variance() const { return squares / count - mean() * mean(); }
  };

  Batch apply(const NormSpec& spec, const LayerSpec& layer, std::span<const double> weights,
              const Batch& batch) const {
    const std::int64_t pixels = layer.in.pixels(), channels = layer.in.channels;
    const double* gain = weights.data() + layer.offset;
    const double* running = weights.data() + statistics_ + layer.statistics_offset;
    const bool fixed = spec.kind == NormSpec::Kind::batch && !is_training_;
    std::map<std::vector<std::int64_t>, Moments> moments;
    const auto key = [&](std::size_t n, std::int64_t c, std::int64_t p) {
      const auto example = static_cast<std::int64_t>(n);
      if (spec.kind == NormSpec::Kind::layer) return std::vector{example, p};
      if (spec.kind == NormSpec::Kind::group) {
        return std::vector{example, c / (channels / spec.groups)};
      }
      return std::vector{spec.ghost == 0 ? 0 : example / spec.ghost, c};
    };
    const auto for_all = [&](auto&& function) {
      for (std::size_t n = 0; n < batch.size(); ++n)
        for (std::int64_t c = 0; c < channels; ++c)
          for (std::int64_t p = 0; p < pixels; ++p)
            function(n, c, p, static_cast<std::size_t>(c * pixels + p));
    };
    for_all([&](auto n, auto c, auto p, auto i) { moments[key(n, c, p)].add(batch[n][i]); });
    Batch result = batch;
    for_all([&](auto n, auto c, auto p, auto i) {
      const Moments& of = moments[key(n, c, p)];
      const double mean = fixed ? running[c] : of.mean();
      const double variance = fixed ? running[channels + c] : of.variance();
      result[n][i] =
          (batch[n][i] - mean) / std::sqrt(variance + 1e-5) * gain[c] + gain[channels + c];
    });
    return activated(std::move(result), spec.activation);
  }

  Batch apply(const ActivationSpec& spec, const LayerSpec&, std::span<const double>,
              const Batch& batch) const {
    return activated(batch, spec.activation);
  }
  Batch apply(const DropoutSpec&, const LayerSpec&, std::span<const double>,
              const Batch& batch) const {
    return batch;  // of rate 0
  }

  Batch apply(const EmbeddingSpec& spec, const LayerSpec& layer, std::span<const double> weights,
              const Batch& batch) const {
    return each(
        batch, layer.out, [&](const Values& src, std::int64_t c, std::int64_t y, std::int64_t x) {
          const auto token = static_cast<std::int64_t>(src[at(layer.in, 0, y, x)]);
          return weights[static_cast<std::size_t>(layer.offset + token * spec.features + c)];
        });
  }
  Batch apply(const PositionsSpec&, const LayerSpec& layer, std::span<const double> weights,
              const Batch& batch) const {
    const TensorShape& in = layer.in;
    return each(batch, in, [&](const Values& src, std::int64_t c, std::int64_t y, std::int64_t x) {
      const std::int64_t row = y * in.width + x;
      return src[at(in, c, y, x)] +
             weights[static_cast<std::size_t>(layer.offset + row * in.channels + c)];
    });
  }

  Batch apply(const AttentionSpec& spec, const LayerSpec& layer, std::span<const double>,
              const Batch& batch) const {
    const std::int64_t D = layer.out.channels, T = layer.in.pixels(), d = D / spec.heads;
    return each(batch, layer.out,
                [&](const Values& src, std::int64_t c, std::int64_t y, std::int64_t x) {
                  const auto value = [&](std::int64_t channel, std::int64_t t) {
                    return src[static_cast<std::size_t>(channel * T + t)];
                  };
                  const std::int64_t t = y * layer.in.width + x, first = c / d * d;
                  double sum = 0.0, weight_sum = 0.0;
                  for (std::int64_t s = 0; s < (spec.causal ? t + 1 : T); ++s) {
                    double score = 0.0;
                    for (std::int64_t i = first; i < first + d; ++i)
                      score += value(i, t) * value(D + i, s);
                    const double weight = std::exp(score / std::sqrt(static_cast<double>(d)));
                    sum += weight * value(2 * D + c, s), weight_sum += weight;
                  }
                  return sum / weight_sum;
                });
  }

  Batch apply(const FlattenSpec&, const LayerSpec&, std::span<const double>,
              const Batch& batch) const {
    return batch;
  }

  Batch apply(const ResidualSpec& spec, const LayerSpec&, std::span<const double> weights,
              const Batch& batch) const {
    Batch result = run(spec.body, weights, batch);
    const Batch around = run(spec.shortcut, weights, batch);
    for (std::size_t n = 0; n < result.size(); ++n)
      for (std::size_t i = 0; i < result[n].size(); ++i) result[n][i] += around[n][i];
    return activated(std::move(result), spec.activation);
  }

  ModelSpec model_;
  bool is_training_;
  std::int64_t statistics_;
};

}  // namespace etalon::testing

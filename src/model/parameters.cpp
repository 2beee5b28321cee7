#include "model/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/random.hpp"

namespace etalon {
namespace {

constexpr double kTableDeviation = 0.02;  // of embeddings and positions, as GPT-2's

class Segments {
 public:
  explicit Segments(const LayerSpec& layer) : layer_(layer) {}

  void add(const char* part, SegmentKind kind, std::vector<std::int64_t> shape, std::int64_t fan_in,
           double deviation, double mean) {
    std::int64_t size = 1;
    for (const std::int64_t extent : shape) size *= extent;
    segments_.push_back(
        {layer_.name + part, kind, std::move(shape), next_, size, fan_in, deviation, mean});
    next_ += size;
  }
  void add_weights(std::vector<std::int64_t> shape, std::int64_t fan_in, double deviation) {
    const double he = std::sqrt(2.0 / static_cast<double>(fan_in));
    add(".weights", SegmentKind::weights, std::move(shape), fan_in,
        deviation > 0.0 ? deviation : he, 0.0);
  }
  void add_bias(std::int64_t size, std::int64_t fan_in) {
    add(".bias", SegmentKind::bias, {size}, fan_in, 0.0, 0.0);
  }

  void operator()(const DenseSpec& spec) {
    if (spec.tied) return;
    const std::int64_t in = layer_.in.channels;
    add_weights({in, spec.out_features}, in, spec.deviation);
    add_bias(spec.out_features, in);
  }
  void operator()(const ConvolutionSpec& spec) {
    const std::int64_t channels = layer_.in.channels / spec.groups;
    const std::int64_t fan_in = channels * spec.kernel * spec.kernel;
    add_weights({spec.out_channels, channels, spec.kernel, spec.kernel}, fan_in, 0.0);
    if (spec.bias) add_bias(spec.out_channels, fan_in);
  }
  void operator()(const NormSpec&) {
    const std::int64_t channels = layer_.in.channels;
    add(".gain", SegmentKind::gain, {channels}, 1, 0.0, 1.0);
    add(".shift", SegmentKind::bias, {channels}, 1, 0.0, 0.0);
  }
  void operator()(const EmbeddingSpec& spec) {
    add_weights({spec.vocabulary, spec.features}, spec.vocabulary, kTableDeviation);
  }
  void operator()(const PositionsSpec&) {
    const TensorShape& in = layer_.in;
    add_weights({in.pixels(), in.channels}, in.pixels(), kTableDeviation);
  }
  template <typename Other>
  void operator()(const Other&) {}

  std::vector<Segment> take() { return std::move(segments_); }

 private:
  const LayerSpec& layer_;
  std::vector<Segment> segments_;
  std::int64_t next_ = 0;
};

void append(std::vector<Segment>& to, std::vector<Segment> segments, std::int64_t offset) {
  for (Segment& segment : segments) {
    segment.offset += offset;
    to.push_back(std::move(segment));
  }
}

void add_layers(ParameterLayout& layout, const std::vector<LayerSpec>& layers) {
  for (const LayerSpec& layer : layers) {
    append(layout.segments, segments_of(layer), layer.offset);
    append(layout.statistics, statistics_of(layer), layer.statistics_offset);
    const auto* residual = std::get_if<ResidualSpec>(&layer.kind);
    if (residual == nullptr) continue;
    add_layers(layout, residual->body);
    add_layers(layout, residual->shortcut);
  }
}

}  // namespace

std::vector<Segment> segments_of(const LayerSpec& layer) {
  Segments segments(layer);
  std::visit(segments, layer.kind);
  return segments.take();
}

std::vector<Segment> statistics_of(const LayerSpec& layer) {
  const auto* norm = std::get_if<NormSpec>(&layer.kind);
  if (norm == nullptr || norm->kind != NormSpec::Kind::batch) return {};
  Segments segments(layer);
  const std::int64_t channels = layer.in.channels;
  segments.add(".mean", SegmentKind::statistic, {channels}, 1, 0.0, 0.0);
  segments.add(".variance", SegmentKind::statistic, {channels}, 1, 0.0, 1.0);
  return segments.take();
}

bool has_parameters(const LayerSpec& layer) {
  if (const auto* residual = std::get_if<ResidualSpec>(&layer.kind)) {
    return std::ranges::any_of(residual->body, has_parameters) ||
           std::ranges::any_of(residual->shortcut, has_parameters);
  }
  return std::holds_alternative<DenseSpec>(layer.kind) || !segments_of(layer).empty();
}

std::int64_t size_of(std::span<const Segment> segments) {
  return segments.empty() ? 0 : segments.back().offset + segments.back().size;
}

ParameterLayout parameter_layout(const ModelSpec& model) {
  ParameterLayout layout;
  add_layers(layout, model.layers);
  layout.size = size_of(layout.segments);
  for (Segment& segment : layout.statistics) segment.offset += layout.size;
  return layout;
}

AlignedVector initial_weights(const ParameterLayout& layout, std::uint64_t seed) {
  AlignedVector weights(static_cast<std::size_t>(layout.whole_size()), 0.0f);
  const auto start = [&](const Segment& segment) {
    RandomStream stream(seed, "init/" + segment.name);
    for (std::int64_t i = 0; i < segment.size; ++i) {
      const double noise = segment.deviation > 0.0 ? segment.deviation * stream.normal() : 0.0;
      weights[static_cast<std::size_t>(segment.offset + i)] =
          static_cast<float>(segment.mean + noise);
    }
  };
  for (const Segment& segment : layout.segments) start(segment);
  for (const Segment& segment : layout.statistics) start(segment);
  return weights;
}

}  // namespace etalon

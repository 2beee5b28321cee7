#include "nn/parameters.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/random.hpp"

namespace etalon {
namespace {

void add(ParameterLayout& layout, std::string name, SegmentKind kind,
         std::vector<std::int64_t> shape, std::int64_t fan_in) {
  std::int64_t size = 1;
  for (const std::int64_t extent : shape) size *= extent;
  layout.segments.push_back({std::move(name), kind, std::move(shape), layout.size, size, fan_in});
  layout.size += size;
}

struct AddSegments {
  ParameterLayout& layout;
  int dense = 0;
  int convolution = 0;

  void operator()(const DenseSpec& spec) {
    const std::string name = fmt::format("dense{}", ++dense);
    add(layout, name + ".weights", SegmentKind::weights, {spec.in_features, spec.out_features},
        spec.in_features);
    add(layout, name + ".bias", SegmentKind::bias, {spec.out_features}, spec.in_features);
  }
  void operator()(const ConvolutionSpec& spec) {
    const std::string name = fmt::format("convolution{}", ++convolution);
    const std::int64_t fan_in = spec.in.channels * spec.kernel * spec.kernel;
    add(layout, name + ".weights", SegmentKind::weights,
        {spec.out_channels, spec.in.channels, spec.kernel, spec.kernel}, fan_in);
    add(layout, name + ".bias", SegmentKind::bias, {spec.out_channels}, fan_in);
  }
  void operator()(const MaxPoolSpec&) {}
  void operator()(const FlattenSpec&) {}
};

}  // namespace

ParameterLayout parameter_layout(const ModelSpec& model) {
  ParameterLayout layout;
  AddSegments add_segments{layout};
  for (const LayerSpec& layer : model.layers) std::visit(add_segments, layer);
  return layout;
}

AlignedVector initial_weights(const ParameterLayout& layout, std::uint64_t seed) {
  AlignedVector weights(static_cast<std::size_t>(layout.size), 0.0f);
  for (const Segment& segment : layout.segments) {
    if (segment.kind == SegmentKind::bias) continue;
    RandomStream stream(seed, "init/" + segment.name);
    const double deviation = std::sqrt(2.0 / static_cast<double>(segment.fan_in));
    for (std::int64_t i = 0; i < segment.size; ++i) {
      weights[static_cast<std::size_t>(segment.offset + i)] =
          static_cast<float>(deviation * stream.normal());
    }
  }
  return weights;
}

}  // namespace etalon

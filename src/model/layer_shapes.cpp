#include "model/layer_shapes.hpp"

#include <fmt/format.h>

#include "etalon/error.hpp"

namespace etalon {
namespace {

struct ShapeOf {
  const TensorShape& in;
  const std::string &name, &place;

  [[noreturn]] void refuse(const std::string& problem, const char* instruction) const {
    throw InputError(fmt::format("layer {} cannot take {}: {}", name, to_text(in), problem), place,
                     instruction);
  }
  void require(bool fits, const std::string& problem, const char* instruction) const {
    if (!fits) refuse(problem, instruction);
  }
  void require_divisor(std::int64_t parts, std::int64_t of, const char* what) const {
    require(parts >= 1 && of % parts == 0,
            fmt::format("{} {} do not divide by {}", of, what, parts),
            "choose numbers that divide");
  }
  // Places that a window takes along one side.
  std::int64_t places(std::int64_t extent, std::int64_t window, std::int64_t stride) const {
    require(window <= extent, fmt::format("a window of {} is larger than {}", window, extent),
            "take larger images, or fewer layers");
    return (extent - window) / stride + 1;
  }

  TensorShape operator()(const DenseSpec& spec) const {
    return {spec.out_features, in.height, in.width};
  }
  TensorShape operator()(const ConvolutionSpec& spec) const {
    require_divisor(spec.groups, in.channels, "channels");
    require_divisor(spec.groups, spec.out_channels, "output channels");
    const std::int64_t pad = 2 * spec.padding;
    return {spec.out_channels, places(in.height + pad, spec.kernel, spec.stride),
            places(in.width + pad, spec.kernel, spec.stride)};
  }
  TensorShape operator()(const PoolSpec& spec) const {
    if (spec.window == 0) return {in.channels, 1, 1};
    return {in.channels, places(in.height, spec.window, spec.stride),
            places(in.width, spec.window, spec.stride)};
  }
  TensorShape operator()(const NormSpec& spec) const {
    require_divisor(spec.groups, in.channels, "channels");
    return in;
  }
  TensorShape operator()(const ActivationSpec&) const { return in; }
  TensorShape operator()(const DropoutSpec&) const { return in; }
  TensorShape operator()(const EmbeddingSpec& spec) const {
    require(in.channels == 1, "tokens have one channel", "take a data set of text");
    return {spec.features, in.height, in.width};
  }
  TensorShape operator()(const PositionsSpec&) const { return in; }
  TensorShape operator()(const AttentionSpec& spec) const {
    require_divisor(3, in.channels, "channels");
    require_divisor(spec.heads, in.channels / 3, "features");
    return {in.channels / 3, in.height, in.width};
  }
  TensorShape operator()(const FlattenSpec&) const { return {in.size(), 1, 1}; }
  TensorShape operator()(const ResidualSpec& spec) const {
    const TensorShape body = spec.body.back().out;
    const TensorShape around = spec.shortcut.empty() ? in : spec.shortcut.back().out;
    require(body == around,
            fmt::format("its body gives {} and its shortcut {}", to_text(body), to_text(around)),
            "make both give the same shape");
    return body;
  }
};

struct NameOf {
  const char* operator()(const DenseSpec&) const { return "dense"; }
  const char* operator()(const ConvolutionSpec&) const { return "convolution"; }
  const char* operator()(const PoolSpec&) const { return "pool"; }
  const char* operator()(const NormSpec& spec) const {
    if (spec.kind == NormSpec::Kind::batch) return "batch_norm";
    return spec.kind == NormSpec::Kind::layer ? "layer_norm" : "group_norm";
  }
  const char* operator()(const ActivationSpec&) const { return "activation"; }
  const char* operator()(const DropoutSpec&) const { return "dropout"; }
  const char* operator()(const EmbeddingSpec&) const { return "embedding"; }
  const char* operator()(const PositionsSpec&) const { return "positions"; }
  const char* operator()(const AttentionSpec&) const { return "attention"; }
  const char* operator()(const FlattenSpec&) const { return "flatten"; }
  const char* operator()(const ResidualSpec&) const { return "residual"; }
};

}  // namespace

TensorShape out_shape(const LayerKind& kind, const TensorShape& in, const std::string& name,
                      const std::string& place) {
  return std::visit(ShapeOf{in, name, place}, kind);
}

std::string kind_name(const LayerKind& kind) { return std::visit(NameOf{}, kind); }

}  // namespace etalon

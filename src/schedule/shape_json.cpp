#include "schedule/shape_json.hpp"

#include <array>

#include "schedule/enum_names.hpp"

namespace etalon {

namespace {

// In the order of Shape's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<Shape>> kShapeKinds = {
    "constant", "step",          "multi-step",          "exponential", "polynomial",
    "cosine",   "warm-restarts", "warmup-stable-decay", "one-cycle",   "cyclical"};

template <typename Visitor>
void visit_fields(Visitor&, ConstantShape&) {}
template <typename Visitor>
void visit_fields(Visitor& visit, StepShape& shape) {
  visit("length", shape.length);
  visit("gamma", shape.gamma);
}
template <typename Visitor>
void visit_fields(Visitor& visit, MultiStepShape& shape) {
  visit("milestones", shape.milestones);
  visit("gamma", shape.gamma);
}
template <typename Visitor>
void visit_fields(Visitor& visit, ExponentialShape& shape) {
  visit("gamma", shape.gamma);
}
template <typename Visitor>
void visit_fields(Visitor& visit, PolynomialShape& shape) {
  visit("length", shape.length);
  visit("power", shape.power);
  visit("floor", shape.floor);
}
template <typename Visitor>
void visit_fields(Visitor& visit, CosineShape& shape) {
  visit("length", shape.length);
  visit("floor", shape.floor);
}
template <typename Visitor>
void visit_fields(Visitor& visit, WarmRestartsShape& shape) {
  visit("length", shape.length);
  visit("growth", shape.growth);
  visit("floor", shape.floor);
}
template <typename Visitor>
void visit_fields(Visitor& visit, StableDecayShape& shape) {
  visit("stable", shape.stable);
  visit("decay", shape.decay);
  visit("form", shape.form);
  visit("floor", shape.floor);
}
template <typename Visitor>
void visit_fields(Visitor& visit, OneCycleShape& shape) {
  visit("length", shape.length);
  visit("rise", shape.rise);
  visit("start_divisor", shape.start_divisor);
  visit("end_divisor", shape.end_divisor);
  visit("form", shape.form);
  visit("momentum_low", shape.momentum_low);
  visit("momentum_high", shape.momentum_high);
}
template <typename Visitor>
void visit_fields(Visitor& visit, CyclicalShape& shape) {
  visit("up", shape.up);
  visit("down", shape.down);
  visit("low", shape.low);
  visit("mode", shape.mode);
  visit("gamma", shape.gamma);
  visit("momentum_low", shape.momentum_low);
  visit("momentum_high", shape.momentum_high);
}

// The default-constructed alternative of this index.
template <std::size_t I = 0>
Shape shape_of_index(std::size_t index) {
  if constexpr (I + 1 < std::variant_size_v<Shape>) {
    if (index != I) return shape_of_index<I + 1>(index);
  }
  return Shape(std::in_place_index<I>);
}

std::size_t index_of_kind(const std::string& kind) {
  std::string known;
  for (std::size_t i = 0; i < kShapeKinds.size(); ++i) {
    if (kShapeKinds[i] == kind) return i;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", kShapeKinds[i]);
  }
  throw InputError(fmt::format("there is no schedule '{}'", kind), "in the JSON of a schedule",
                   fmt::format("use one of {}", known));
}

}  // namespace

Json shape_to_json(const Shape& shape) {
  Json json = {{"kind", kShapeKinds[shape.index()]}};
  JsonWriter writer;
  Shape copy = shape;
  std::visit([&writer](auto& s) { visit_fields(writer, s); }, copy);
  json.update(writer.take());
  return json;
}

Shape shape_from_json(const Json& json) {
  JsonReader reader(json, "the shape");
  std::string kind;
  reader("kind", kind);
  Shape shape = shape_of_index(index_of_kind(kind));
  std::visit([&reader](auto& s) { visit_fields(reader, s); }, shape);
  reader.refuse_unknown();
  return shape;
}

}  // namespace etalon

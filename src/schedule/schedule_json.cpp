#include "schedule/schedule_json.hpp"

namespace etalon {
namespace {

template <typename Visitor>
void visit_fields(Visitor& visit, Warmup& warmup) {
  visit("kind", warmup.kind);
  visit("length", warmup.length);
  visit("start", warmup.start);
  visit("beneath", warmup.beneath);
}

Json shape_to_json(const Shape& shape) {
  Json json = Json::object();
  write_kind(json, shape, kShapeKinds);
  return json;
}

Shape shape_from_json(const Json& json) {
  JsonReader reader(json, "the shape");
  Shape shape = read_kind<Shape>(reader, "schedule", kShapeKinds);
  reader.refuse_unknown();
  return shape;
}

template <typename Visitor>
void visit_fields(Visitor& visit, PlateauOptions& options) {
  visit("lr", options.lr);
  visit("factor", options.factor);
  visit("patience", options.patience);
  visit("threshold", options.threshold);
  visit("cooldown", options.cooldown);
  visit("min_lr", options.min_lr);
}

}  // namespace

Json schedule_to_json_value(const Schedule& schedule) {
  Json json = {{"peak_lr", schedule.peak_lr}, {"unit", enum_to_name(schedule.unit)}};
  if (schedule.warmup != Warmup{}) {
    JsonWriter writer;
    Warmup copy = schedule.warmup;
    visit_fields(writer, copy);
    json["warmup"] = writer.take();
  }
  json["shape"] = shape_to_json(schedule.shape);
  return json;
}

Schedule schedule_from_json_value(const Json& json) {
  JsonReader reader(json, "the schedule");
  Schedule schedule;
  reader("peak_lr", schedule.peak_lr);
  reader("unit", schedule.unit);
  if (const Json* warmup = reader.child("warmup")) {
    JsonReader inner(*warmup, "the warm-up");
    visit_fields(inner, schedule.warmup);
    inner.refuse_unknown();
  }
  const Json* shape = reader.child("shape");
  if (shape == nullptr) reader.fail("has no 'shape'");
  schedule.shape = shape_from_json(*shape);
  reader.refuse_unknown();
  schedule.validate();
  return schedule;
}

std::string to_json(const Schedule& schedule) { return schedule_to_json_value(schedule).dump(); }

Schedule schedule_from_json(std::string_view json) {
  return schedule_from_json_value(parse_json(json));
}

std::string ReduceOnPlateau::to_json() const {
  JsonWriter writer;
  PlateauOptions copy = options_;
  visit_fields(writer, copy);
  Json json = {{"options", writer.take()}};
  JsonWriter state;
  state("lr", lr_);
  state("best", best_);
  state("bad", bad_);
  state("cooling", cooling_);
  json["state"] = state.take();
  return json.dump();
}

ReduceOnPlateau ReduceOnPlateau::from_json(std::string_view text) {
  const Json json = parse_json(text);
  JsonReader reader(json, "reduce on plateau");
  PlateauOptions options;
  const Json* saved = reader.child("options");
  const Json* state = reader.child("state");
  if (saved == nullptr || state == nullptr) reader.fail("lacks 'options' or 'state'");
  reader.refuse_unknown();
  JsonReader options_reader(*saved, "the options");
  visit_fields(options_reader, options);
  options_reader.refuse_unknown();
  ReduceOnPlateau plateau(options);
  JsonReader state_reader(*state, "the state");
  state_reader("lr", plateau.lr_);
  state_reader("best", plateau.best_);
  state_reader("bad", plateau.bad_);
  state_reader("cooling", plateau.cooling_);
  state_reader.refuse_unknown();
  return plateau;
}

}  // namespace etalon

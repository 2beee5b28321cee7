#include <array>

#include "etalon/batch_schedule.hpp"
#include "schedule/enum_names.hpp"
#include "schedule/schedule_json.hpp"

namespace etalon {
namespace {

template <typename Visitor>
void visit_fields(Visitor&, ConstantBatch&) {}
template <typename Visitor>
void visit_fields(Visitor& visit, StepBatch& course) {
  visit("milestones", course.milestones);
  visit("factor", course.factor);
  visit("largest", course.largest);
}
template <typename Visitor>
void visit_fields(Visitor& visit, LinearRampBatch& course) {
  visit("last", course.last);
  visit("length", course.length);
  visit("multiple", course.multiple);
}
template <typename Visitor>
void visit_fields(Visitor& visit, NoiseRampBatch& course) {
  visit("last", course.last);
  visit("fraction", course.fraction);
  visit("multiple", course.multiple);
}

constexpr std::array<std::string_view, std::variant_size_v<BatchCourse>> kBatchKinds = {
    "constant", "step", "linear-ramp", "noise-ramp"};

BatchCourse course_of_kind(const std::string& kind) {
  if (kind == kBatchKinds[0]) return ConstantBatch{};
  if (kind == kBatchKinds[1]) return StepBatch{};
  if (kind == kBatchKinds[2]) return LinearRampBatch{};
  if (kind == kBatchKinds[3]) return NoiseRampBatch{};
  throw InputError(fmt::format("there is no batch schedule '{}'", kind),
                   "in the JSON of a training plan",
                   fmt::format("use one of {}", fmt::join(kBatchKinds, ", ")));
}

Json batch_to_json(const BatchSchedule& batch) {
  Json json = {{"batch_size", batch.batch_size},
               {"unit", enum_to_name(batch.unit)},
               {"kind", kBatchKinds[batch.course.index()]}};
  JsonWriter writer;
  BatchCourse copy = batch.course;
  std::visit([&writer](auto& course) { visit_fields(writer, course); }, copy);
  json.update(writer.take());
  return json;
}

BatchSchedule batch_from_json(const Json& json) {
  JsonReader reader(json, "the batch schedule");
  BatchSchedule batch;
  std::string kind;
  reader("batch_size", batch.batch_size);
  reader("unit", batch.unit);
  reader("kind", kind);
  batch.course = course_of_kind(kind);
  std::visit([&reader](auto& course) { visit_fields(reader, course); }, batch.course);
  reader.refuse_unknown();
  return batch;
}

}  // namespace

std::string to_json(const TrainingPlan& plan) {
  const Json json = {{"lr", schedule_to_json_value(plan.lr)},
                     {"batch", batch_to_json(plan.batch)},
                     {"reference_batch_size", plan.reference_batch_size},
                     {"rule", enum_to_name(plan.rule)},
                     {"dataset_size", plan.dataset_size},
                     {"budget_examples", plan.budget_examples}};
  return json.dump();
}

TrainingPlan plan_from_json(std::string_view text) {
  const Json json = parse_json(text);
  JsonReader reader(json, "the training plan");
  TrainingPlan plan;
  const Json* lr = reader.child("lr");
  const Json* batch = reader.child("batch");
  if (lr == nullptr || batch == nullptr) reader.fail("lacks 'lr' or 'batch'");
  plan.lr = schedule_from_json_value(*lr);
  plan.batch = batch_from_json(*batch);
  reader("reference_batch_size", plan.reference_batch_size);
  reader("rule", plan.rule);
  reader("dataset_size", plan.dataset_size);
  reader("budget_examples", plan.budget_examples);
  reader.refuse_unknown();
  plan.validate();
  return plan;
}

}  // namespace etalon

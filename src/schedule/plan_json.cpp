#include "etalon/batch_schedule.hpp"
#include "schedule/schedule_json.hpp"

namespace etalon {
namespace {

Json batch_to_json(const BatchSchedule& batch) {
  Json json = {{"batch_size", batch.batch_size}, {"unit", enum_to_name(batch.unit)}};
  write_kind(json, batch.course, kBatchKinds);
  return json;
}

BatchSchedule batch_from_json(const Json& json) {
  JsonReader reader(json, "the batch schedule");
  BatchSchedule batch;
  reader("batch_size", batch.batch_size);
  reader("unit", batch.unit);
  batch.course = read_kind<BatchCourse>(reader, "batch schedule", kBatchKinds);
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

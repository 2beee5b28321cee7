#include "report/scale/scale_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/plain_number.hpp"
#include "schedule/schedule_table.hpp"

namespace etalon {
namespace {

constexpr double kMostSteps = 9e15;  // whole doubles below it are exact

double whole_amount(double amount) {
  return std::max(1.0, std::round(std::min(amount, kMostSteps)));
}

void write_down(std::optional<double>& value) {
  if (value) value = to_plain(*value);
}

void write_down(Duration& duration) {
  duration.amount = duration.unit == DurationUnit::epochs ? to_plain(duration.amount)
                                                          : whole_amount(duration.amount);
}

// In order although rounding would make them equal.
void write_down(std::vector<Duration>& milestones) {
  double last = 0.0;
  for (Duration& milestone : milestones) {
    write_down(milestone);
    if (milestone.unit == DurationUnit::epochs) continue;
    milestone.amount = last = std::max(last + 1.0, milestone.amount);
  }
}

void write_down(ScheduleOptions& schedule) {
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    if (const auto* length = std::get_if<LengthSetting>(&setting.kind)) {
      if (schedule.*length->value) write_down(*(schedule.*length->value));
    } else if (const auto* lengths = std::get_if<LengthsSetting>(&setting.kind)) {
      write_down(schedule.*lengths->value);
    } else if (const auto* number = std::get_if<NumberSetting>(&setting.kind)) {
      write_down(schedule.*number->value);
    }
  }
}

void start_at_the_old_rate(const ScaledRecipe& scaled, ScheduleOptions& schedule) {
  const bool grows = scaled.rule.name == "linear" && scaled.kappa > 1;
  if (!grows || !schedule.warmup || schedule.warmup_start) return;
  schedule.warmup_start = to_plain(1 / scaled.kappa);
}

}  // namespace

Recipe written_recipe(const ScaledRecipe& scaled) {
  Recipe recipe = scaled.recipe;
  recipe.lr = to_plain(recipe.lr);
  for (double& lr : recipe.group_lrs) lr = to_plain(lr);
  for (const auto field : {&Recipe::momentum, &Recipe::beta1, &Recipe::beta2, &Recipe::eps,
                           &Recipe::weight_decay, &Recipe::ema}) {
    write_down(recipe.*field);
  }
  if (recipe.budget) write_down(*recipe.budget);
  write_down(recipe.schedule);
  start_at_the_old_rate(scaled, recipe.schedule);
  return recipe;
}

double steps_of_budget(double steps) { return std::max(1.0, std::floor(steps * (1 + 1e-9))); }

double shown_value(const FieldChange& change, double value) {
  if (change.field == "steps") return steps_of_budget(value);
  if (change.field.ends_with("steps")) return whole_amount(value);
  return to_plain(value);
}

std::string batch_text(const BatchShape& batch) {
  if (batch.accumulation == 1 && batch.replicas == 1) return fmt::format("{}", batch.global());
  return fmt::format("{} = {} (micro-batch) × {} (accumulation) × {} (replicas)", batch.global(),
                     batch.micro_batch, batch.accumulation, batch.replicas);
}

}  // namespace etalon

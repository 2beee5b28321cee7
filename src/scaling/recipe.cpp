#include <fmt/format.h>

#include "core/interval.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "etalon/scaling.hpp"

namespace etalon {
namespace {

void check_belongs(const Recipe& recipe, const char* field, const std::optional<double>& value,
                   bool belongs) {
  if (!value || belongs) return;
  throw InputError(fmt::format("{} has no {}", to_string(recipe.optimizer), field_name(field)), "",
                   fmt::format("leave {} out or name another optimizer", field_name(field)));
}

void check_if_given(const char* field, const std::optional<double>& value,
                    const Interval& interval) {
  if (value) check_in(field_name(field), *value, interval);
}

}  // namespace

void Recipe::validate() const {
  batch.validate();
  check_lr(lr);
  for (const double group_lr : group_lrs) check_lr(group_lr);
  const OptimizerInfo& has = optimizer_info(optimizer);
  check_belongs(*this, "momentum", momentum, has.takes_momentum());
  check_belongs(*this, "beta1", beta1, has.beta1.has_value());
  check_belongs(*this, "beta2", beta2, has.beta2.has_value());
  check_belongs(*this, "eps", eps, has.eps.has_value());
  check_if_given("momentum", momentum, kDecayCoefficient);
  check_if_given("beta1", beta1, kDecayCoefficient);
  check_if_given("beta2", beta2, kDecayCoefficient);
  check_if_given("ema", ema, kDecayCoefficient);
  check_if_given("eps", eps, kNotNegative);
  check_if_given("weight_decay", weight_decay, kNotNegative);
  if (budget) check_in("the budget", budget->amount, kPositive);
  schedule.validate();
}

std::vector<std::string> fill_defaults(Recipe& recipe) {
  const OptimizerInfo& info = optimizer_info(recipe.optimizer);
  std::vector<std::string> filled;
  // A default of 0 leaves the field out: the optimizer then works without it.
  const auto fill = [&](const char* name, std::optional<double>& value,
                        const std::optional<double>& standard) {
    if (value || standard.value_or(0.0) == 0.0) return;
    value = standard;
    filled.emplace_back(name);
  };
  fill("momentum", recipe.momentum, info.momentum);
  fill("beta1", recipe.beta1, info.beta1);
  fill("beta2", recipe.beta2, info.beta2);
  fill("eps", recipe.eps, info.eps);
  fill("weight_decay", recipe.weight_decay, info.weight_decay);
  ScheduleOptions& schedule = recipe.schedule;
  if ((!schedule.milestones.empty() || schedule.step_every) && schedule.name.empty()) {
    schedule.name = "step";
    filled.emplace_back("schedule");
  }
  return filled;
}

void ScaleOptions::validate() const {
  check_if_given("noise_scale", noise_scale, kPositive);
  check_if_given("stability_limit", stability_limit, kPositive);
  check_if_given("noise_exponent", noise_exponent, kPositiveShare);
  if (dataset_size && !is_valid_batch_size(static_cast<double>(*dataset_size))) {
    refuse_value(field_name("dataset_size"), static_cast<double>(*dataset_size), "in [1, 1e15]");
  }
}

}  // namespace etalon

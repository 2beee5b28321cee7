#include <fmt/format.h>

#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "etalon/scaling.hpp"
#include "scaling/check.hpp"
#include "scaling/schedule_settings.hpp"

namespace etalon {
namespace {

void check_belongs(const Recipe& recipe, const char* field, const std::optional<double>& value,
                   bool belongs) {
  if (!value || belongs) return;
  throw InputError(fmt::format("{} has no {}", to_string(recipe.optimizer), field), "",
                   fmt::format("leave {} out or name another optimizer", field));
}

void check_milestones(const std::vector<Duration>& milestones) {
  for (std::size_t i = 0; i < milestones.size(); ++i) {
    check_positive("milestone", milestones[i].amount);
    if (i == 0) continue;
    if (milestones[i].unit != milestones[i - 1].unit ||
        milestones[i].amount <= milestones[i - 1].amount) {
      throw InputError(fmt::format("milestone {} does not come after milestone {}",
                                   milestones[i].amount, milestones[i - 1].amount),
                       "", "give milestones in ascending order and in one unit");
    }
  }
}

}  // namespace

void Recipe::validate() const {
  batch.validate();
  check_positive("lr", lr);
  const OptimizerInfo& has = optimizer_info(optimizer);
  check_belongs(*this, "momentum", momentum, has.takes_momentum());
  check_belongs(*this, "beta1", beta1, has.beta1.has_value());
  check_belongs(*this, "beta2", beta2, has.beta2.has_value());
  check_belongs(*this, "eps", eps, has.eps.has_value());
  if (momentum) check_decay("momentum", *momentum);
  if (beta1) check_decay("beta1", *beta1);
  if (beta2) check_decay("beta2", *beta2);
  if (ema) check_decay("ema", *ema);
  if (eps) check_not_negative("eps", *eps);
  if (weight_decay) check_not_negative("weight_decay", *weight_decay);
  if (warmup) check_positive("warm-up", warmup->amount);
  if (budget) check_positive("budget", budget->amount);
  check_milestones(milestones);
  check_schedule(*this);
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
  if ((!recipe.milestones.empty() || recipe.step_every) && recipe.schedule.empty()) {
    recipe.schedule = "step";
    filled.emplace_back("schedule");
  }
  return filled;
}

void ScaleOptions::validate() const {
  if (noise_scale) check_positive("noise_scale", *noise_scale);
  if (stability_limit) check_positive("stability_limit", *stability_limit);
  if (noise_exponent && !(*noise_exponent > 0 && *noise_exponent <= 1)) {
    reject("noise_exponent", *noise_exponent, "0 < value <= 1");
  }
  constexpr std::int64_t kLargest = std::int64_t{1} << 53;
  if (dataset_size && (*dataset_size < 1 || *dataset_size > kLargest)) {
    reject("dataset_size", static_cast<double>(*dataset_size), "1 <= value <= 2^53");
  }
}

}  // namespace etalon

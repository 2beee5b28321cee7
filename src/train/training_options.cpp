#include <fmt/format.h>

#include <cmath>

#include "etalon/error.hpp"
#include "train/training_workload.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kMostBudget = 1'000'000'000'000;

struct NamedObjective {
  Objective objective;
  const char* flag;
  const char* name;
};

constexpr NamedObjective kObjectives[] = {
    {Objective::validation_loss, "validation-loss", "validation loss"},
    {Objective::validation_error, "validation-error", "validation error"},
    {Objective::train_loss, "train-loss", "training loss"},
};

}  // namespace

Objective parse_objective(const std::string& name) {
  for (const NamedObjective& known : kObjectives) {
    if (name == known.flag) return known.objective;
  }
  throw InputError(fmt::format("there is no objective '{}'", name), "--objective",
                   "use validation-loss, validation-error or train-loss");
}

std::string objective_name(Objective objective) {
  for (const NamedObjective& known : kObjectives) {
    if (objective == known.objective) return known.name;
  }
  return "";
}

void TrainingOptions::validate() const {
  optimizer.validate();
  schedule.validate();
  clipping.validate();
  if (ema && !(*ema >= 0.0 && *ema < 1.0)) {
    throw InputError(fmt::format("--ema is {}", *ema), "", "it must be in [0, 1)");
  }
  const auto check_budget = [](const char* flag, std::int64_t value, const char* field) {
    if (value >= 0 && value <= kMostBudget) return;
    throw InputError(fmt::format("{} is {}", flag, value), "",
                     fmt::format("{} must be in [0, 1e12], where 0 means another budget", field));
  };
  check_budget("--examples", budget_examples, "budget_examples");
  check_budget("--steps", budget_steps, "budget_steps");
  if (budget_examples == 0 && budget_steps == 0 &&
      !(std::isfinite(budget_epochs) && budget_epochs > 0.0 && budget_epochs <= 1e6)) {
    throw InputError(fmt::format("--epochs is {}", budget_epochs), "",
                     "budget_epochs must be in (0, 1e6]");
  }
}

Recipe TrainingOptions::recipe() const {
  const OptimizerOptions full = optimizer.with_defaults();
  Recipe recipe;
  recipe.optimizer = full.info().family;
  recipe.momentum = full.momentum;
  recipe.beta1 = full.beta1;
  recipe.beta2 = full.beta2;
  recipe.eps = full.eps;
  // An explicit 0 where the optimizer's own is another says more than an empty field.
  if (full.weight_decay != 0.0 || full.info().weight_decay != 0.0) {
    recipe.weight_decay = full.weight_decay;
  }
  recipe.ema = ema;
  recipe.warmup = schedule.warmup;
  return recipe;
}

bool TrainingOptions::schedule_moves_momentum() const {
  if (schedule.name != "one-cycle") return false;
  return fit_schedule(schedule, 1.0, 1000, 1, 1000).momentum_at(0.0).has_value();
}

TrainingOptions TrainingOptions::with(const MovedSettings& moved) const {
  TrainingOptions options = *this;
  const auto set = [](std::optional<double>& field, const std::optional<double>& value) {
    if (value) field = value;
  };
  set(options.optimizer.momentum, moved.momentum);
  set(options.optimizer.beta1, moved.beta1);
  set(options.optimizer.beta2, moved.beta2);
  set(options.optimizer.eps, moved.eps);
  set(options.optimizer.weight_decay, moved.weight_decay);
  set(options.ema, moved.ema);
  options.validate();
  if ((moved.momentum || moved.beta1) && schedule_moves_momentum()) {
    throw InputError(fmt::format("--schedule {} moves the momentum while it trains", schedule.name),
                     "",
                     "leave out the rules that move momentum or beta1, or take another schedule");
  }
  return options;
}

}  // namespace etalon

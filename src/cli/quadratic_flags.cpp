#include "cli/quadratic_flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "cli/flag_groups.hpp"
#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

// Groups of flags that say how a network is trained, and those of their flags that a quadratic has.
constexpr std::array<std::string_view, 4> kOfTraining = {kDataGroup, kUpdateGroup, kScheduleGroup,
                                                         kBudgetGroup};
constexpr std::array<std::string_view, 6> kOfQuadratic = {
    "--model", "--optimizer", "--momentum", "--steps", "--examples", "--target-loss"};

bool is_foreign(const CLI::Option& option) {
  const auto holds = [](const auto& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return option.count() > 0 && holds(kOfTraining, option.get_group()) &&
         !holds(kOfQuadratic, option.get_name());
}

void refuse_flags_of_networks(const CLI::App& app, const std::string& model) {
  for (const CLI::Option* option : app.get_options()) {
    if (!is_foreign(*option)) continue;
    throw InputError(
        fmt::format("{} says nothing of a quadratic", option->get_name()), "--model " + model,
        "leave it out; a quadratic has --optimizer sgd or momentum, --momentum, and --examples or "
        "--steps");
  }
}

}  // namespace

QuadraticOptions quadratic_of(const CLI::App& app, const TrainingOptions& training) {
  refuse_flags_of_networks(app, training.model);
  const OptimizerOptions optimizer = training.optimizer.with_defaults();
  const OptimizerFamily family = optimizer.info().family;
  if (family != OptimizerFamily::sgd && family != OptimizerFamily::momentum) {
    throw InputError(fmt::format("--optimizer is {}", optimizer.name), "--model " + training.model,
                     "a quadratic is trained by sgd or momentum, which its closed form knows");
  }
  QuadraticOptions options;
  options.model = training.model;
  if (family == OptimizerFamily::momentum) options.momentum = optimizer.momentum;
  if (training.budget_examples > 0) options.budget_examples = training.budget_examples;
  options.budget_steps = training.budget_steps;
  return options;
}

}  // namespace etalon::cli

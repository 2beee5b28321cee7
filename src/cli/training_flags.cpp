#include "cli/training_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <vector>

#include "cli/number_checks.hpp"
#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

struct OptimizerFlag {
  const char* flag;
  std::vector<std::string_view> optimizers;
};

// A setting that the chosen optimizer does not have would be ignored in silence.
void refuse_foreign_settings(const CLI::App& app, const std::string& optimizer) {
  const auto known = optimizer_names();
  if (std::find(known.begin(), known.end(), optimizer) == known.end()) return;  // refused later
  const OptimizerFlag kFlags[] = {{"--momentum", {"momentum", "nesterov"}},
                                  {"--beta1", {"adamw"}},
                                  {"--beta2", {"adamw"}},
                                  {"--eps", {"adamw"}}};
  for (const auto& [flag, of] : kFlags) {
    if (app.get_option(flag)->count() == 0) continue;
    if (std::find(of.begin(), of.end(), optimizer) != of.end()) continue;
    throw InputError(fmt::format("{} is no setting of the optimizer {}", flag, optimizer), "",
                     fmt::format("leave it out, or use --optimizer {}", fmt::join(of, " or ")));
  }
}

}  // namespace

void add_training_flags(CLI::App& app, TrainingFlags& flags) {
  TrainingOptions& options = flags.options;
  const std::string what = "What is trained";
  app.add_option("--dataset", options.dataset, "fashion-mnist, or idx:DIR for any IDX files")
      ->capture_default_str()
      ->group(what);
  app.add_option("--model", options.model, "linear, mlp:H1,H2,... or lenet")
      ->capture_default_str()
      ->group(what);
  app.add_option("--validation-size", options.validation_size,
                 "Examples of the training set that are set aside to validate")
      ->check(whole_number())
      ->capture_default_str()
      ->group(what);
  app.add_option("--objective", flags.objective,
                 "What is minimized at the end of the budget: validation-loss, validation-error or "
                 "train-loss")
      ->capture_default_str()
      ->group(what);

  const std::string update = "How it is updated";
  OptimizerOptions& optimizer = options.optimizer;
  app.add_option("--optimizer", optimizer.name,
                 fmt::format("One of: {}", fmt::join(optimizer_names(), ", ")))
      ->capture_default_str()
      ->group(update);
  app.add_option("--momentum", optimizer.momentum, "Of momentum and nesterov")
      ->check(real_number())
      ->capture_default_str()
      ->group(update);
  app.add_option("--beta1", optimizer.beta1, "Of adamw")
      ->check(real_number())
      ->capture_default_str()
      ->group(update);
  app.add_option("--beta2", optimizer.beta2, "Of adamw")
      ->check(real_number())
      ->capture_default_str()
      ->group(update);
  app.add_option("--eps", optimizer.eps, "Of adamw")
      ->check(real_number())
      ->capture_default_str()
      ->group(update);
  app.add_option("--weight-decay", optimizer.weight_decay,
                 "Added to the gradient; decoupled in adamw")
      ->check(real_number())
      ->capture_default_str()
      ->group(update);

  const std::string budget = "What every trial may spend (one of these)";
  auto* epochs = app.add_option("--epochs", options.budget_epochs, "Passes over the training set")
                     ->check(real_number())
                     ->capture_default_str()
                     ->group(budget);
  auto* steps = app.add_option("--steps", options.budget_steps, "Updates, at every batch size")
                    ->check(whole_number())
                    ->group(budget);
  auto* examples = app.add_option("--examples", options.budget_examples, "Examples seen")
                       ->check(whole_number())
                       ->group(budget);
  epochs->excludes(steps)->excludes(examples);
  steps->excludes(examples);
}

TrainingOptions training_options(const CLI::App& app, const TrainingFlags& flags) {
  refuse_foreign_settings(app, flags.options.optimizer.name);
  TrainingOptions options = flags.options;
  options.objective = parse_objective(flags.objective);
  for (const char* budget : {"--steps", "--examples"}) {
    const CLI::Option* option = app.get_option(budget);
    if (option->count() > 0 && option->as<std::int64_t>() == 0) {
      throw InputError(fmt::format("{} is 0", budget), "", "give a number above 0");
    }
  }
  return options;
}

}  // namespace etalon::cli

#include "cli/training_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

namespace etalon::cli {

void add_training_flags(CLI::App& app, TrainingFlags& flags) {
  TrainingOptions& options = flags.options;
  const std::string what = "What is trained";
  app.add_option("--dataset", options.dataset, "fashion-mnist, or idx:DIR for any IDX files")
      ->capture_default_str()
      ->group(what);
  app.add_option("--model", options.model, "linear, mlp:H1,H2,... or lenet")
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
      ->capture_default_str()
      ->group(update);
  app.add_option("--beta1", optimizer.beta1, "Of adamw")->capture_default_str()->group(update);
  app.add_option("--beta2", optimizer.beta2, "Of adamw")->capture_default_str()->group(update);
  app.add_option("--eps", optimizer.eps, "Of adamw")->capture_default_str()->group(update);
  app.add_option("--weight-decay", optimizer.weight_decay,
                 "Added to the gradient; decoupled in adamw")
      ->capture_default_str()
      ->group(update);

  const std::string budget = "What every trial may spend (one of these)";
  auto* epochs = app.add_option("--epochs", options.budget_epochs, "Passes over the training set")
                     ->capture_default_str()
                     ->group(budget);
  auto* steps = app.add_option("--steps", options.budget_steps, "Updates, at every batch size")
                    ->check(CLI::PositiveNumber)
                    ->group(budget);
  auto* examples = app.add_option("--examples", options.budget_examples, "Examples seen")
                       ->check(CLI::PositiveNumber)
                       ->group(budget);
  epochs->excludes(steps)->excludes(examples);
  steps->excludes(examples);
}

TrainingOptions training_options(const TrainingFlags& flags) {
  TrainingOptions options = flags.options;
  options.objective = parse_objective(flags.objective);
  return options;
}

}  // namespace etalon::cli

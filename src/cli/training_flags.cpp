#include "cli/training_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/number_checks.hpp"
#include "etalon/error.hpp"

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
  app.add_option("--momentum", optimizer.momentum,
                 "Default 0.9 of momentum, nesterov and lars, 0 of sgd and rmsprop")
      ->check(real_number())
      ->group(update);
  app.add_option("--beta1", optimizer.beta1, "Of adam, adamw and lamb; default 0.9")
      ->check(real_number())
      ->group(update);
  app.add_option("--beta2", optimizer.beta2,
                 "Default 0.999 of adam, adamw and lamb, 0.99 of rmsprop")
      ->check(real_number())
      ->group(update);
  app.add_option("--eps", optimizer.eps, "Default 1e-8 of adam, adamw and rmsprop, 1e-6 of lamb")
      ->check(real_number())
      ->group(update);
  app.add_option("--trust", optimizer.trust, "Trust coefficient of lars; default 0.001")
      ->check(real_number())
      ->group(update);
  app.add_option("--weight-decay", optimizer.weight_decay,
                 "Added to the gradient; decoupled in adamw and lamb")
      ->check(real_number())
      ->capture_default_str()
      ->group(update);
  app.add_option("--clip-norm", options.clipping.norm, "Largest global norm of a gradient")
      ->check(real_number())
      ->group(update);
  app.add_option("--clip-value", options.clipping.value, "Largest element of a gradient")
      ->check(real_number())
      ->group(update);
  app.add_option("--ema", options.ema,
                 "Decay of an average of the weights, which is then evaluated")
      ->check(real_number())
      ->group(update);

  add_schedule_flags(app, flags.schedule);

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
  TrainingOptions options = flags.options;
  options.optimizer.validate();
  options.schedule = schedule_options(flags.schedule);
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

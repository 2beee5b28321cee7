#include "cli/training_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/number_checks.hpp"
#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

// "Default 0.9 of momentum, nesterov, lars; 0 of rmsprop", of a field that has a value or none.
template <typename Field>
std::string defaults_text(Field OptimizerInfo::*field) {
  std::vector<std::pair<double, std::string>> groups;
  for (const OptimizerInfo& info : optimizers()) {
    const std::optional<double> value = info.*field;
    if (!value) continue;
    const auto same = std::find_if(groups.begin(), groups.end(),
                                   [&](const auto& group) { return group.first == *value; });
    if (same == groups.end()) {
      groups.emplace_back(*value, info.name);
    } else {
      same->second += fmt::format(", {}", info.name);
    }
  }
  std::vector<std::string> texts;
  texts.reserve(groups.size());
  for (const auto& [value, names] : groups) texts.push_back(fmt::format("{} of {}", value, names));
  return fmt::format("Default {}", fmt::join(texts, "; "));
}

std::string weight_decay_text() {
  std::string text = "Default ";
  for (const OptimizerInfo& info : optimizers()) {
    if (info.weight_decay > 0.0) text += fmt::format("{} of {}, ", info.weight_decay, info.name);
  }
  return text + "else 0";
}

// "adamw, lion, ...": where the decay does not pass through the gradient.
std::string decoupled_text() {
  std::vector<std::string_view> names;
  for (const OptimizerInfo& info : optimizers()) {
    if (info.decoupled_decay) names.push_back(info.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// PyTorch's SGD takes a momentum; here that is an optimizer's name of its own.
void name_momentum(OptimizerOptions& optimizer) {
  if (optimizer.info().family != OptimizerFamily::sgd || !optimizer.momentum) return;
  if (*optimizer.momentum == 0.0) {
    optimizer.momentum.reset();
  } else {
    optimizer.name = to_string(OptimizerFamily::momentum);
  }
}

}  // namespace

std::string data_text() {
  return fmt::format("One of: {}; --dataset is the same", fmt::join(data_source_forms(), ", "));
}

std::string first_lr_text() { return defaults_text(&OptimizerInfo::first_lr); }

void add_data_flags(CLI::App& app, TrainingFlags& flags) {
  TrainingOptions& options = flags.options;
  const std::string what = kDataGroup;
  app.add_option(kDataFlags, options.dataset, data_text())
      ->transform(kind_in_any_case())
      ->capture_default_str()
      ->group(what);
  app.add_option(
         "--model", options.model,
         "linear, mlp:H1,H2,..., lenet, resnet8, resnet20, vit:tiny, gpt:LxDxH, or FILE.toml, "
         "a stack of layers")
      ->transform(kind_in_any_case())
      ->capture_default_str()
      ->group(what);
  app.add_option("--validation-size", options.validation_size,
                 "Examples of the training set that are set aside to validate; 5000, or a fifth of "
                 "it where that is less")
      ->check(whole_number())
      ->group(what);
  app.add_option("--label-smoothing", options.label_smoothing,
                 "Share of each label that is spread over all classes while training, in [0, 1); "
                 "what validates is never smoothed")
      ->check(real_number())
      ->group(what);
  app.add_option("--objective", flags.objective,
                 "What is minimized at the end of the budget: validation-loss, validation-error or "
                 "train-loss")
      ->capture_default_str()
      ->group(what);
}

void add_augment_flag(CLI::App& app, TrainingFlags& flags) {
  app.add_option("--augment", flags.augment,
                 "Changes of training images, separated by commas: crop, flip")
      ->group(kDataGroup);
}

void add_optimizer_flag(CLI::App& app, TrainingFlags& flags) {
  app.add_option("--optimizer", flags.options.optimizer.name,
                 fmt::format("One of: {}", fmt::join(optimizer_names(), ", ")))
      ->capture_default_str()
      ->group(kUpdateGroup);
}

void add_optimizer_settings(CLI::App& app, TrainingFlags& flags) {
  TrainingOptions& options = flags.options;
  OptimizerOptions& optimizer = options.optimizer;
  const auto add = [&](const char* flag, std::optional<double>& value, const std::string& help) {
    app.add_option(flag, value, help)->check(real_number())->group(kUpdateGroup);
  };
  add("--momentum", optimizer.momentum, defaults_text(&OptimizerInfo::momentum));
  add("--beta1", optimizer.beta1, defaults_text(&OptimizerInfo::beta1));
  add("--beta2", optimizer.beta2, defaults_text(&OptimizerInfo::beta2));
  add("--eps", optimizer.eps, defaults_text(&OptimizerInfo::eps));
  add("--trust", optimizer.trust, "Trust coefficient. " + defaults_text(&OptimizerInfo::trust));
  add("--weight-decay", optimizer.weight_decay,
      fmt::format("Added to the gradient; decoupled in {} and lamb. {}", decoupled_text(),
                  weight_decay_text()));
  add("--clip-norm", options.clipping.norm, "Largest global norm of a gradient");
  add("--clip-value", options.clipping.value, "Largest element of a gradient");
  app.add_option("--precision", flags.precision,
                 "Of the factors of matrix products while training: float32, or bf16 where the "
                 "processor has the instructions")
      ->capture_default_str()
      ->group(kUpdateGroup);
  add("--ema", options.ema, "Decay of an average of the weights, which is then evaluated");
}

void add_budget_flags(CLI::App& app, TrainingFlags& flags) {
  TrainingOptions& options = flags.options;
  const std::string budget = kBudgetGroup;
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

TrainingOptions update_options(const TrainingFlags& flags) {
  TrainingOptions options = flags.options;
  options.precision = parse_precision(flags.precision);
  name_momentum(options.optimizer);
  options.optimizer.validate();
  options.optimizer.name = options.optimizer.info().name;
  return options;
}

TrainingOptions training_options(const CLI::App& app, const TrainingFlags& flags) {
  TrainingOptions options = update_options(flags);
  options.schedule = schedule_options(flags.schedule);
  options.schedule.validate();
  options.objective = parse_objective(flags.objective);
  if (!flags.augment.empty()) options.augmentation = parse_augmentation(flags.augment);
  for (const char* budget : {"--steps", "--examples"}) {
    const CLI::Option* option = app.get_option(budget);
    if (option->count() > 0 && option->as<std::int64_t>() == 0) {
      throw InputError(fmt::format("{} is 0", budget), "", "give a number above 0");
    }
  }
  return options;
}

}  // namespace etalon::cli

#include "train/training_options.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/choice.hpp"
#include "core/interval.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "model/model_file.hpp"
#include "nn/network.hpp"
#include "nn/processor_limit.hpp"
#include "train/put_examples.hpp"

namespace etalon {
namespace {

struct NamedObjective {
  Objective objective;
  const char* flag;
  const char* name;
};

constexpr Interval kSmoothing = {.most = 1.0, .has_most = false};

constexpr NamedObjective kObjectives[] = {
    {Objective::validation_loss, "validation-loss", "validation loss"},
    {Objective::validation_error, "validation-error", "validation error"},
    {Objective::train_loss, "train-loss", "training loss"},
};

std::string flag_of(Objective objective) {
  for (const NamedObjective& known : kObjectives) {
    if (objective == known.objective) return known.flag;
  }
  return "";
}

// The budget in examples where that is the same at every batch size, else 0.
std::int64_t common_budget(const TrainingOptions& options, std::int64_t dataset_size) {
  if (options.budget_examples > 0) return options.budget_examples;
  if (options.budget_steps > 0) return 0;
  return std::llround(options.budget_epochs * static_cast<double>(dataset_size));
}

void check_objective(const TrainingOptions& options, const DataSplits& data) {
  const bool is_of_labels = options.objective == Objective::validation_error;
  if (!is_of_labels || !data.train.shape().is_regression()) return;
  throw InputError(
      fmt::format("{} is {}", field_name("objective"), flag_of(Objective::validation_error)),
      data.source, "targets are not right or wrong: take validation-loss");
}

void check_smoothing(const TrainingOptions& options, const DataSplits& data) {
  if (options.label_smoothing == 0.0 || !data.train.shape().is_regression()) return;
  throw InputError(fmt::format("{} is {}", field_name("label_smoothing"), options.label_smoothing),
                   data.source, "targets are no labels: leave it out");
}

ModelSpec trained_model(const TrainingOptions& options, const DataSplits& data) {
  ModelTask task = task_of(data);
  task.label_smoothing = options.label_smoothing;
  if (options.layers.empty()) return parse_model(options.model, task);
  return model_from_toml(options.layers, options.model, task);
}

using Settings = std::vector<std::pair<std::string, std::string>>;

void add_setting(Settings& settings, const char* name, const std::optional<double>& value) {
  if (value) settings.emplace_back(name, fmt::format("{}", *value));
}

void add_optimizer_settings(Settings& settings, const OptimizerOptions& optimizer) {
  add_setting(settings, "momentum", optimizer.momentum);
  add_setting(settings, "beta1", optimizer.beta1);
  add_setting(settings, "beta2", optimizer.beta2);
  add_setting(settings, "eps", optimizer.eps);
  add_setting(settings, "trust", optimizer.trust);
}

}  // namespace

Objective parse_objective(const std::string& name) {
  std::vector<std::string> names;
  for (const NamedObjective& known : kObjectives) {
    if (equal_in_any_case(name, known.flag)) return known.objective;
    names.emplace_back(known.flag);
  }
  throw InputError(fmt::format("there is no objective '{}'", name), "",
                   choose_instead(name, names));
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
  check_in(field_name("label_smoothing"), label_smoothing, kSmoothing);
  if (ema && !(*ema >= 0.0 && *ema < 1.0)) {
    throw InputError(fmt::format("{} is {}", field_name("ema"), *ema), "", "it must be in [0, 1)");
  }
  const auto check_budget = [](const char* field, std::int64_t value) {
    if (value >= 0 && value <= kMostBudget) return;
    throw InputError(fmt::format("{} is {}", field_name(field), value), "",
                     "it must be in [0, 1e12], where 0 means another budget");
  };
  check_budget("examples", budget_examples);
  check_budget("steps", budget_steps);
  if (budget_examples == 0 && budget_steps == 0 &&
      !(std::isfinite(budget_epochs) && budget_epochs > 0.0 && budget_epochs <= 1e6)) {
    throw InputError(fmt::format("{} is {}", field_name("epochs"), budget_epochs), "",
                     "it must be in (0, 1e6]");
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
  recipe.schedule.warmup = schedule.warmup;
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
    throw InputError(fmt::format("{} {} moves the momentum while it trains", field_name("schedule"),
                                 schedule.name),
                     "",
                     "leave out the rules that move momentum or beta1, or take another schedule");
  }
  return options;
}

std::int64_t TrainingOptions::examples_at(std::int64_t batch_size,
                                          std::int64_t dataset_size) const {
  const std::int64_t common = common_budget(*this, dataset_size);
  return common > 0 ? common : budget_steps * batch_size;
}

void TrainingOptions::check_fits(std::int64_t batch_size, std::int64_t dataset_size) const {
  check_batch_size(static_cast<double>(batch_size));
  if (batch_size > dataset_size) {
    throw InputError(fmt::format("the batch size is {}, but the training set has {} examples",
                                 batch_size, dataset_size),
                     dataset, "take a smaller batch size");
  }
  const std::int64_t common = common_budget(*this, dataset_size);
  if (common > kMostBudget || (common == 0 && budget_steps > kMostBudget / batch_size)) {
    throw InputError("the budget is more than 1e12 examples", "", "lower it");
  }
  const std::int64_t budget = examples_at(batch_size, dataset_size);
  if (batch_size > budget) {
    throw InputError(
        fmt::format("the batch size is {}, but the budget is {} examples", batch_size, budget), "",
        "raise the budget or take a smaller batch size");
  }
}

void check_precision(Precision precision) {
  if (precision == Precision::float32 || has_bf16()) return;
  throw InputError(fmt::format("{} is {}, and this processor has no instructions for it",
                               field_name("precision"), precision_name(precision)),
                   "", "leave it out to train in float32, or use a processor with AVX512-BF16");
}

TrainingData load_training_data(const TrainingOptions& options) {
  options.validate();
  TrainingData data;
  data.splits = load_splits(options.dataset, {options.validation_size, options.split_seed});
  options.augmentation.check_fits(*data.splits);
  check_objective(options, *data.splits);
  check_smoothing(options, *data.splits);
  check_precision(options.precision);
  data.model = trained_model(options, *data.splits);
  data.model.precision = options.precision;
  return data;
}

WorkloadInfo training_info(const TrainingOptions& options, const TrainingData& data) {
  const OptimizerOptions optimizer = options.optimizer.with_defaults();
  WorkloadInfo info;
  info.name = fmt::format("{}, {}, {}", options.dataset, data.model.name, optimizer.name);
  info.objective_name = objective_name(options.objective);
  info.examples_per_epoch = data.size();
  info.budget_examples = common_budget(options, data.size());
  if (info.budget_examples == 0) info.budget_steps = options.budget_steps;
  info.settings = {
      {"dataset", options.dataset},
      {"train_examples", std::to_string(data.size())},
      {"validation_examples", std::to_string(data.splits->validation.size())},
      {"split_seed", std::to_string(options.split_seed)},
      {"model", data.model.name},
      {"optimizer", optimizer.name},
      {"weight_decay", fmt::format("{}", optimizer.weight_decay.value())},
      {"objective", flag_of(options.objective)},
      {"budget", info.budget_examples > 0 ? fmt::format("{} examples", info.budget_examples)
                                          : fmt::format("{} steps", options.budget_steps)},
      {"engine", engine_version()},
  };
  if (!data.model.stack.empty()) info.settings.emplace_back("layers", data.model.stack);
  if (options.label_smoothing != 0.0) {
    info.settings.emplace_back("label_smoothing", fmt::format("{}", options.label_smoothing));
  }
  if (options.augmentation.any()) {
    info.settings.emplace_back("augment", options.augmentation.text());
  }
  if (options.precision != Precision::float32) {
    info.settings.emplace_back("precision", precision_name(options.precision));
  }
  add_optimizer_settings(info.settings, optimizer);
  if (!options.schedule.is_default()) {
    for (auto& setting : schedule_settings(options.schedule)) info.settings.push_back(setting);
  }
  add_setting(info.settings, "clip_norm", options.clipping.norm);
  add_setting(info.settings, "clip_value", options.clipping.value);
  add_setting(info.settings, "ema", options.ema);
  return info;
}

}  // namespace etalon

#include "cli/scale_flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "cli/cli11.hpp"
#include "etalon/error.hpp"
#include "train/schedule_options.hpp"

namespace etalon::cli {
namespace {

void add_recipe_flags(CLI::App& app, ScaleFlags& flags) {
  app.add_option("--batch-size", flags.batch_size,
                 "batch size that the recipe was tuned at: 256, or micro-batch x accumulation x "
                 "replicas as in 32x4x8")
      ->required();
  app.add_option("--lr", flags.recipe.lr, "its learning rate")->required();
  app.add_option("--to", flags.targets, "batch sizes to move to, separated by commas")->required();
  app.add_option("--optimizer", flags.optimizer,
                 "sgd, momentum, nesterov, adam, adamw, rmsprop, lars or lamb")
      ->capture_default_str();
  app.add_option("--momentum", flags.recipe.momentum, "in [0, 1)");
  app.add_option("--beta1", flags.recipe.beta1, "in [0, 1)");
  app.add_option("--beta2", flags.recipe.beta2, "in [0, 1); for rmsprop its smoothing constant");
  app.add_option("--eps", flags.recipe.eps, "outside the square root");
  app.add_option("--weight-decay", flags.recipe.weight_decay, "in PyTorch's convention");
  app.add_option("--ema", flags.recipe.ema, "decay per step of an average of the weights");
}

void add_schedule_flags(CLI::App& app, ScaleFlags& flags) {
  Recipe& recipe = flags.recipe;
  ScheduleSettings& settings = recipe.schedule_settings;
  app.add_option("--schedule", recipe.schedule,
                 "constant, step, exponential, linear, polynomial, cosine, warm-restarts, wsd, "
                 "one-cycle, cyclical or plateau, as etalon train has them");
  app.add_option("--warmup-kind", settings.warmup_kind, "linear or constant");
  app.add_option("--warmup-start", recipe.warmup_start, "share of the rate where warm-up starts");
  app.add_option("--floor", settings.floor, "share of the rate where a decay ends");
  app.add_option("--gamma", settings.gamma,
                 "of step: factor at each milestone; of exponential cycles: in each");
  app.add_option("--decay-power", settings.decay_power, "of polynomial");
  app.add_option("--decay-share", settings.decay_share, "of wsd: part of the budget that decays");
  app.add_option("--decay-form", settings.decay_form, "of wsd: linear, cosine or one-minus-sqrt");
  app.add_option("--cycles", settings.cycles, "of warm-restarts and cyclical");
  app.add_option("--cycle-growth", settings.cycle_growth,
                 "of warm-restarts: each cycle's length over that of the one before");
  app.add_option("--cycle-mode", settings.cycle_mode,
                 "of cyclical: triangular, halving or exponential");
  app.add_option("--plateau-factor", settings.plateau_factor, "of plateau");
  app.add_option("--plateau-patience", settings.plateau_patience, "of plateau, in evaluations");
  app.add_option("--plateau-threshold", settings.plateau_threshold, "of plateau");
  app.add_option("--plateau-cooldown", settings.plateau_cooldown, "of plateau, in evaluations");
}

// --NAME-steps, -epochs and -examples, each of which excludes the others; an empty name is that of
// the budget.
template <typename T>
void add_in_units(CLI::App& app, const std::string& name, InUnits<T>& length, const char* what) {
  const std::string prefix = name.empty() ? "--" : "--" + name + "-";
  auto* steps = app.add_option(prefix + "steps", length.steps, what);
  auto* epochs = app.add_option(prefix + "epochs", length.epochs, what)->excludes(steps);
  app.add_option(prefix + "examples", length.examples, what)->excludes(steps)->excludes(epochs);
}

void add_length_flags(CLI::App& app, ScaleFlags& flags) {
  add_in_units(app, "warmup", flags.warmup, "warm-up");
  add_in_units(app, "", flags.budget, "whole training");
  add_in_units(app, "milestone", flags.milestones,
               "where a step schedule decays, separated by commas");
  add_in_units(app, "step-every", flags.step_every, "of step: the distance between milestones");
  add_in_units(app, "decay-end", flags.decay_end, "where a decay ends, if not with the budget");
}

void add_knowledge_flags(CLI::App& app, ScaleFlags& flags) {
  app.add_option(
      "--noise-scale", flags.options.noise_scale,
      "gradient noise scale in examples, as `etalon train --batch-schedule noise` measures it");
  app.add_option("--noise-exponent", flags.options.noise_exponent,
                 "exponent of rule saturating, in (0, 1]");
  auto* limit = app.add_option("--stability-limit", flags.options.stability_limit,
                               "largest stable learning rate, to warn past it");
  app.add_option("--sharpness", flags.sharpness,
                 "largest curvature (for Adam of the preconditioned Hessian), to compute it from")
      ->excludes(limit);
  app.add_option("--dataset-size", flags.options.dataset_size, "examples in the training set");
  app.add_option("--rule", flags.rules, "rules by name, separated by commas, or all");
  app.add_option("--format", flags.format, "table, json, toml or pytorch")
      ->check(CLI::IsMember({"table", "json", "toml", "pytorch"}))
      ->capture_default_str();
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

void check_unique(const char* flag, const std::vector<std::string>& parts) {
  for (auto part = parts.begin(); part != parts.end(); ++part) {
    if (std::find(parts.begin(), part, *part) != part) {
      throw InputError(fmt::format("{} names {} twice", flag, *part), "", "name each once");
    }
  }
}

std::vector<BatchShape> parse_targets(const std::string& list) {
  std::vector<BatchShape> targets;
  for (const std::string& text : split(list)) {
    targets.push_back(parse_batch_shape(text));
    if (std::find(targets.begin(), targets.end() - 1, targets.back()) != targets.end() - 1) {
      throw InputError(fmt::format("--to names {} twice", text), "", "name each batch size once");
    }
  }
  return targets;
}

std::vector<std::string> parse_rules(const std::optional<std::string>& list) {
  if (!list) return {};
  std::vector<std::string> names = split(*list);
  check_unique("--rule", names);
  if (names.size() > 1 && std::find(names.begin(), names.end(), "all") != names.end()) {
    throw InputError("--rule names all and others", "", "name all alone");
  }
  return names;
}

void add_milestones(const std::optional<std::string>& list, DurationUnit unit, Recipe& recipe) {
  if (!list) return;
  for (const std::string& part : split(*list)) {
    double at = 0;
    const char* end = part.data() + part.size();
    const auto [stop, error] = std::from_chars(part.data(), end, at);
    if (error != std::errc{} || stop != end) {
      throw InputError(fmt::format("milestone '{}' is no number", part), "",
                       "give numbers separated by commas");
    }
    recipe.milestones.push_back({at, unit});
  }
}

void set_length(const InUnits<double>& length, std::optional<Duration>& to) {
  if (length.steps) to = Duration{*length.steps, DurationUnit::steps};
  if (length.epochs) to = Duration{*length.epochs, DurationUnit::epochs};
  if (length.examples) to = Duration{*length.examples, DurationUnit::examples};
}

void set_lengths(const ScaleFlags& flags, Recipe& recipe) {
  set_length(flags.warmup, recipe.warmup);
  set_length(flags.budget, recipe.budget);
  set_length(flags.step_every, recipe.step_every);
  set_length(flags.decay_end, recipe.decay_end);
  add_milestones(flags.milestones.steps, DurationUnit::steps, recipe);
  add_milestones(flags.milestones.epochs, DurationUnit::epochs, recipe);
  add_milestones(flags.milestones.examples, DurationUnit::examples, recipe);
}

}  // namespace

void add_scale_flags(CLI::App& app, ScaleFlags& flags) {
  add_recipe_flags(app, flags);
  add_schedule_flags(app, flags);
  add_length_flags(app, flags);
  add_knowledge_flags(app, flags);
}

ScaleAnswer scale_answer(const ScaleFlags& flags) {
  ScaleAnswer answer;
  answer.base = flags.recipe;
  answer.base.schedule = canonical_schedule(flags.recipe.schedule);
  answer.base.batch = parse_batch_shape(flags.batch_size);
  answer.base.optimizer = parse_optimizer_family(flags.optimizer);
  set_lengths(flags, answer.base);
  answer.assumed = fill_defaults(answer.base);
  answer.base.validate();
  ScaleOptions options = flags.options;
  if (flags.sharpness) {
    options.stability_limit = stability_limit(answer.base, *flags.sharpness);
    if (!options.stability_limit) {
      throw InputError(fmt::format("no stability limit is known for {}", flags.optimizer),
                       "--sharpness", "leave it out or give --stability-limit");
    }
  }
  const std::vector<std::string> rules = parse_rules(flags.rules);
  for (const BatchShape& target : parse_targets(flags.targets)) {
    answer.targets.push_back(advise(answer.base, target, options, rules));
  }
  return answer;
}

}  // namespace etalon::cli

// etalon scale: a training recipe moved to other batch sizes by the published rules.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/scale_output.hpp"
#include "etalon/error.hpp"
#include "etalon/scaling.hpp"

namespace etalon::cli {
namespace {

struct Flags {
  std::string batch_size, targets, optimizer = "sgd", format = "table";
  std::optional<std::string> rules, milestone_steps, milestone_epochs;
  Recipe recipe;
  ScaleOptions options;
  std::optional<double> warmup_steps, warmup_epochs, steps, epochs, examples, sharpness;
};

void add_recipe_flags(CLI::App& app, Flags& flags) {
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
  app.add_option("--schedule", flags.recipe.schedule, "name of the schedule, carried along");
}

void add_length_flags(CLI::App& app, Flags& flags) {
  auto* warmup_steps = app.add_option("--warmup-steps", flags.warmup_steps, "warm-up");
  app.add_option("--warmup-epochs", flags.warmup_epochs, "warm-up")->excludes(warmup_steps);
  auto* steps = app.add_option("--steps", flags.steps, "whole training");
  auto* epochs = app.add_option("--epochs", flags.epochs, "whole training")->excludes(steps);
  app.add_option("--examples", flags.examples, "whole training")->excludes(steps)->excludes(epochs);
  auto* milestone_steps = app.add_option("--milestone-steps", flags.milestone_steps,
                                         "where a step schedule decays, separated by commas");
  app.add_option("--milestone-epochs", flags.milestone_epochs, "the same in epochs")
      ->excludes(milestone_steps);
}

void add_knowledge_flags(CLI::App& app, Flags& flags) {
  app.add_option("--noise-scale", flags.options.noise_scale,
                 "gradient noise scale in examples, as `etalon noise` measures it");
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

void set_lengths(const Flags& flags, Recipe& recipe) {
  const auto set = [](std::optional<Duration>& to, const std::optional<double>& amount,
                      DurationUnit unit) {
    if (amount) to = Duration{*amount, unit};
  };
  set(recipe.warmup, flags.warmup_steps, DurationUnit::steps);
  set(recipe.warmup, flags.warmup_epochs, DurationUnit::epochs);
  set(recipe.budget, flags.steps, DurationUnit::steps);
  set(recipe.budget, flags.epochs, DurationUnit::epochs);
  set(recipe.budget, flags.examples, DurationUnit::examples);
  add_milestones(flags.milestone_steps, DurationUnit::steps, recipe);
  add_milestones(flags.milestone_epochs, DurationUnit::epochs, recipe);
}

ScaleAnswer answer_for(const Flags& flags) {
  ScaleAnswer answer;
  answer.base = flags.recipe;
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

const ScaledRecipe& only_recipe(const ScaleAnswer& answer, const std::string& format) {
  if (answer.targets.size() != 1) {
    throw InputError(fmt::format("--format {} prints one recipe, and --to names {} batch sizes",
                                 format, answer.targets.size()),
                     "", "name one");
  }
  return answer.targets.front().rules.front();
}

std::string render(const ScaleAnswer& answer, const std::string& format) {
  if (format == "json") return scale_json(answer);
  if (format == "toml") return recipe_toml(only_recipe(answer, format));
  if (format == "pytorch") return recipe_pytorch(only_recipe(answer, format));
  return scale_table(answer);
}

}  // namespace

int run_scale(int argc, const char* const* argv) {
  CLI::App app{"Moves a training recipe to other batch sizes by the published rules.",
               "etalon scale"};
  Flags flags;
  add_recipe_flags(app, flags);
  add_length_flags(app, flags);
  add_knowledge_flags(app, flags);
  if (const auto code = parse(app, argc, argv)) return *code;
  const std::string text = render(answer_for(flags), flags.format);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw RunError("the answer could not be written", "standard output", "check where it goes");
  }
  return kDone;
}

}  // namespace etalon::cli

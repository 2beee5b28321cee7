#include "cli/scale_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/choices.hpp"
#include "cli/flag_groups.hpp"
#include "cli/noise_scale_file.hpp"
#include "cli/number_checks.hpp"
#include "core/choice.hpp"
#include "etalon/atlas.hpp"
#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

constexpr const char* kAnswerGroup = "What is asked for";
constexpr const char* kRecipeGroup = "The recipe";
constexpr const char* kKnowledgeGroup = "What else is known";

std::vector<std::string> scaled_optimizers() {
  std::vector<std::string> names;
  for (const OptimizerInfo& info : optimizers()) names.emplace_back(info.name);
  return names;
}

// Empty words are kept, to be refused by whoever reads them.
std::vector<std::string> split_words(const std::string& list) {
  std::vector<std::string> words;
  if (list.empty()) return words;
  words.emplace_back();
  for (const char c : list) {
    if (c == ',') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

void add_recipe_flags(CLI::App& app, ScaleFlags& flags) {
  app.add_option("--batch-size", flags.batch_size,
                 "Batch size that the recipe was tuned at: 256, or micro-batch x accumulation x "
                 "replicas as in 32x4x8")
      ->group(kRecipeGroup);
  add_real_numbers(app, "--lr", flags.lrs,
                   "Its learning rate; several, separated by commas, for groups of parameters")
      ->group(kRecipeGroup);
  app.add_option("--optimizer", flags.optimizer,
                 fmt::format("One of: {}", fmt::join(scaled_optimizers(), ", ")))
      ->transform(one_of(scaled_optimizers()))
      ->capture_default_str()
      ->group(kRecipeGroup);
  const auto add = [&](const char* flag, std::optional<double>& value, const char* what) {
    app.add_option(flag, value, what)->check(real_number())->group(kRecipeGroup);
  };
  add("--momentum", flags.recipe.momentum, "In [0, 1)");
  add("--beta1", flags.recipe.beta1, "In [0, 1)");
  add("--beta2", flags.recipe.beta2, "In [0, 1); for rmsprop its smoothing constant");
  add("--eps", flags.recipe.eps, "Outside the square root");
  add("--weight-decay", flags.recipe.weight_decay, "In PyTorch's convention");
  add("--ema", flags.recipe.ema, "Decay per step of an average of the weights");
}

// Recipes in TOML split a batch size so; whoever types writes 32x4x8.
void add_batch_parts(CLI::App& app, ScaleFlags& flags) {
  const auto add = [&](const char* flag, std::optional<std::int64_t>& value) {
    app.add_option(flag, value)->check(whole_number())->group("");
  };
  add("--micro-batch", flags.micro_batch);
  add("--accumulation", flags.accumulation);
  add("--replicas", flags.replicas);
}

void add_knowledge_flags(CLI::App& app, ScaleFlags& flags) {
  const auto add = [&](const char* flag, std::optional<double>& value, const char* what) {
    return app.add_option(flag, value, what)->check(real_number())->group(kKnowledgeGroup);
  };
  app.add_option("--dataset-size", flags.options.dataset_size, "Examples in the training set")
      ->check(whole_number())
      ->group(kKnowledgeGroup);
  add("--noise-scale", flags.options.noise_scale,
      "Gradient noise scale in examples, or a file of etalon noise --format json")
      ->transform(number_or_noise_file());
  add("--noise-exponent", flags.options.noise_exponent, "Exponent of rule saturating, in (0, 1]");
  auto* limit = add("--stability-limit", flags.options.stability_limit,
                    "Largest stable learning rate, to warn past it");
  add("--sharpness", flags.sharpness,
      "Largest curvature (for Adam of the preconditioned Hessian), to compute it from")
      ->excludes(limit);
}

void add_answer_flags(CLI::App& app, ScaleFlags& flags) {
  app.add_option("--to", flags.targets, "Batch sizes to move to, separated by commas")
      ->group(kAnswerGroup);
  app.add_option("--rule", flags.rules, "Rules by name, separated by commas, or all")
      ->group(kAnswerGroup);
  app.add_option("--format", flags.format, "table, json, toml or pytorch")
      ->transform(one_of({"table", "json", "toml", "pytorch"}))
      ->capture_default_str()
      ->group(kAnswerGroup);
}

void check_unique(const char* flag, const std::vector<std::string>& parts) {
  for (auto part = parts.begin(); part != parts.end(); ++part) {
    if (std::find(parts.begin(), part, *part) != part) {
      throw InputError(fmt::format("{} names {} twice", flag, *part), "", "name each once");
    }
  }
}

// Two factors may be meant the other way round.
void note_reading(const std::string& flag, const std::string& text, const BatchShape& shape,
                  std::vector<std::string>& notes) {
  if (std::count(text.begin(), text.end(), 'x') != 1) return;
  notes.push_back(fmt::format(
      "{} {} was read as micro-batch {} x accumulation {}; {} devices of {} each are {}x1x{}", flag,
      text, shape.micro_batch, shape.accumulation, std::min(shape.micro_batch, shape.accumulation),
      std::max(shape.micro_batch, shape.accumulation),
      std::max(shape.micro_batch, shape.accumulation),
      std::min(shape.micro_batch, shape.accumulation)));
}

std::vector<BatchShape> parse_targets(const ScaleFlags& flags, std::vector<std::string>& notes) {
  std::vector<BatchShape> targets;
  for (const std::string& text : split_words(flags.targets)) {
    targets.push_back(parse_batch_shape(text));
    note_reading("--to", text, targets.back(), notes);
    if (std::find(targets.begin(), targets.end() - 1, targets.back()) != targets.end() - 1) {
      throw InputError(fmt::format("--to names {} twice", text), "", "name each batch size once");
    }
  }
  return targets;
}

std::vector<std::string> rules_of(const ScaleFlags& flags) {
  std::vector<std::string> known = {"all"};
  for (const RuleInfo& rule : scaling_rules()) known.emplace_back(rule.name);
  std::vector<std::string> rules = split_words(flags.rules);
  for (std::string& rule : rules) rule = canonical_name(rule, known);
  return rules;
}

void check_rules(const std::vector<std::string>& names) {
  check_unique("--rule", names);
  if (names.size() > 1 && std::find(names.begin(), names.end(), "all") != names.end()) {
    throw InputError("--rule names all and others", "", "name all alone");
  }
}

BatchShape base_batch(const ScaleFlags& flags, std::vector<std::string>& notes) {
  BatchShape shape = parse_batch_shape(flags.batch_size);
  if (!flags.micro_batch && !flags.accumulation && !flags.replicas) {
    note_reading("--batch-size", flags.batch_size, shape, notes);
    return shape;
  }
  const BatchShape parts{flags.micro_batch.value_or(1), flags.accumulation.value_or(1),
                         flags.replicas.value_or(1)};
  parts.validate();
  if (parts.global() == shape.global()) return parts;
  throw InputError(
      fmt::format("--batch-size is {}, but {} x {} x {} are {}", flags.batch_size,
                  parts.micro_batch, parts.accumulation, parts.replicas, parts.global()),
      "", "give --batch-size alone, as in 32x4x8");
}

void require_given(bool given, const char* flag) {
  if (given) return;
  throw InputError(fmt::format("{} is required", flag), "",
                   "give it, or a recipe's file that has it");
}

Recipe base_recipe(const ScaleFlags& flags, std::vector<std::string>& notes) {
  require_given(!flags.batch_size.empty(), "--batch-size");
  require_given(!flags.lrs.empty(), "--lr");
  require_given(!flags.targets.empty(), "--to");
  Recipe recipe = flags.recipe;
  recipe.batch = base_batch(flags, notes);
  recipe.optimizer = parse_optimizer_family(flags.optimizer);
  recipe.lr = flags.lrs.front();
  recipe.group_lrs.assign(flags.lrs.begin() + 1, flags.lrs.end());
  recipe.budget = length_of(flags.budget);
  recipe.schedule = schedule_options(flags.schedule);
  return recipe;
}

ScaleOptions scale_options(const ScaleFlags& flags, const Recipe& base) {
  ScaleOptions options = flags.options;
  if (!flags.sharpness) return options;
  options.stability_limit = stability_limit(base, *flags.sharpness);
  if (options.stability_limit) return options;
  throw InputError(fmt::format("no stability limit is known for {}", flags.optimizer),
                   "--sharpness", "leave it out or give --stability-limit");
}

}  // namespace

CLI::Option* add_scale_flags(CLI::App& app, ScaleFlags& flags) {
  auto* file = app.add_option("FILE", flags.file,
                              "TOML recipe, as --format toml prints it; flags win over it");
  add_answer_flags(app, flags);
  add_recipe_flags(app, flags);
  add_batch_parts(app, flags);
  add_length_flags(app, "", "Whole training", flags.budget, kBudgetGroup);
  add_schedule_flags(app, flags.schedule);
  add_plateau_flags(app, flags.schedule);
  add_knowledge_flags(app, flags);
  return file;
}

ScaleAnswer scale_answer(const ScaleFlags& flags) {
  ScaleAnswer answer;
  answer.base = base_recipe(flags, answer.notes);
  answer.assumed = fill_defaults(answer.base);
  answer.base.validate();
  answer.options = scale_options(flags, answer.base);
  const std::vector<std::string> rules = rules_of(flags);
  check_rules(rules);
  for (const BatchShape& target : parse_targets(flags, answer.notes)) {
    RuleComparison comparison = compare_rules(answer.base, target, answer.options, rules);
    AtlasEvidence evidence = gather_nearest_evidence(
        atlas(), {.optimizer = answer.base.optimizer, .kappa = comparison.kappa});
    follow_evidence(comparison, evidence, answer.base, answer.options);
    answer.targets.push_back(std::move(comparison));
    answer.evidence.push_back(std::move(evidence));
  }
  return answer;
}

}  // namespace etalon::cli

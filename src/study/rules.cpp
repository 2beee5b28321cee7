#include "study/rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "plan/lattice.hpp"
#include "scaling/rule_table.hpp"

namespace etalon {
namespace {

ScaleOptions scale_options(const StudyOptions& options) {
  ScaleOptions known;
  known.noise_scale = options.noise_scale;
  return known;
}

ScaledRecipe scaled(const StudyOptions& options, std::string_view rule, std::int64_t from,
                    std::int64_t to, double lr) {
  Recipe base = options.recipe;
  base.batch = {.micro_batch = from};
  base.lr = lr;
  return scale(base, {.micro_batch = to}, rule, scale_options(options));
}

std::string needs_a_study(const StudyOptions& options, std::string_view rule) {
  if (rule == "adascale") {
    return "it spends more examples at larger batch sizes, and a study holds the budget fixed; its "
           "learning rate is that of saturating with an exponent of 1";
  }
  const auto& warmup = options.recipe.schedule.warmup;
  if (rule == "legw" && !warmup) {
    return "it keeps the steps of a warm-up, so give one in steps (" + field_name("warmup_steps") +
           ")";
  }
  if (rule == "legw" && warmup->unit != DurationUnit::steps) {
    return "it keeps the steps of the warm-up, so give that in steps (" +
           field_name("warmup_steps") + ")";
  }
  return "";
}

std::vector<std::string> fitting_rules(const StudyOptions& options) {
  std::vector<std::string> names;
  for (const RuleInfo& info : scaling_rules()) {
    if (rule_obstacle(options, info.name).empty()) names.emplace_back(info.name);
  }
  return names;
}

std::string rules_to_use(const StudyOptions& options) {
  const std::vector<std::string> now = fitting_rules(options);
  std::string text =
      fmt::format("for {} use {}", to_string(options.recipe.optimizer), fmt::join(now, ", "));
  if (options.noise_scale) return text;
  StudyOptions knowing = options;
  knowing.noise_scale = 1.0;
  std::vector<std::string> more;
  for (const std::string& name : fitting_rules(knowing)) {
    if (std::find(now.begin(), now.end(), name) == now.end()) more.push_back(name);
  }
  return text + fmt::format("; with {} also {}", field_name("noise_scale"), fmt::join(more, ", "));
}

bool is_rule(std::string_view name) {
  return std::any_of(scaling_rules().begin(), scaling_rules().end(),
                     [&](const RuleInfo& info) { return info.name == name; });
}

}  // namespace

MovedSettings moved_between(const Recipe& base, const Recipe& scaled) {
  MovedSettings moved;
  for (std::size_t i = 0; i < kRecipeFields.size(); ++i) {
    const auto field = kRecipeFields[i];
    if (base.*field != scaled.*field) moved.*kMovableSettings[i].value = scaled.*field;
  }
  return moved;
}

RuleRecipe apply_rule(const StudyOptions& options, std::string_view rule, std::int64_t batch_size,
                      double base_lr) {
  // Past the bounds of learning rates there is no recipe, only how far off it would be.
  const double lr =
      base_lr * scaled(options, rule, options.base_batch_size, batch_size, 1.0).recipe.lr;
  if (!is_valid_lr(lr)) return {lr, {}, {}, {}};
  const ScaledRecipe answer = scaled(options, rule, options.base_batch_size, batch_size, base_lr);
  RuleRecipe recipe;
  recipe.lr = Lattice{options.first_lr()}.snap(answer.recipe.lr);
  recipe.moved = moved_between(options.recipe, answer.recipe);
  for (const FieldChange& change : answer.fields) {
    if (change.stands_in) {
      recipe.stand_ins.push_back(
          fmt::format("{0} is {0}^κ, for 1 − κ(1 − {0}) is not above 0", change.field));
    }
  }
  recipe.warnings = answer.warnings;
  return recipe;
}

bool moves_lr_alone(const StudyOptions& options, std::string_view rule) {
  return std::none_of(options.batch_sizes.begin(), options.batch_sizes.end(), [&](auto batch_size) {
    return apply_rule(options, rule, batch_size, options.first_lr()).moved.any();
  });
}

std::optional<double> lr_power(const StudyOptions& options, std::string_view rule) {
  const auto power = [&](std::int64_t kappa) {
    const double lr = scaled(options, rule, 64, 64 * kappa, 1.0).recipe.lr;
    return std::log2(lr) / std::log2(static_cast<double>(kappa));
  };
  const double first = power(2);
  if (std::abs(power(8) - first) > 1e-9) return std::nullopt;
  const double nice = std::round(2 * first) / 2;
  return std::abs(nice - first) < 1e-9 ? nice : first;
}

std::string rule_obstacle(const StudyOptions& options, std::string_view name) {
  const Rule& rule = find_rule(name);
  const std::string why = needs_a_study(options, name);
  return why.empty() ? obstacle(rule, options.recipe, scale_options(options)) : why;
}

std::vector<std::string> default_rules(const Recipe& recipe) {
  std::vector<std::string> rules = {"fixed", "sqrt", "linear"};
  // Of the two that move the betas the one that `scale` recommends: it is defined for every κ.
  const Rule& sde = find_rule("sde-power");
  if (sde.fits(recipe) && obstacle(sde, recipe, {}).empty()) rules.emplace_back(sde.info.name);
  return rules;
}

void check_rule(const StudyOptions& options, const std::string& rule) {
  if (!is_rule(rule)) {
    throw InputError(fmt::format("{} has '{}', which is no rule", field_name("rules"), rule), "",
                     rules_to_use(options));
  }
  const std::string why = rule_obstacle(options, rule);
  if (!why.empty()) {
    throw InputError(fmt::format("{} has {}, but {}", field_name("rules"), rule, why), "",
                     rules_to_use(options));
  }
  for (const std::int64_t batch_size : options.batch_sizes) {
    apply_rule(options, rule, batch_size, options.first_lr());
  }
}

}  // namespace etalon

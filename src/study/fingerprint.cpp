#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "etalon/study.hpp"
#include "study/rules.hpp"

namespace etalon {
namespace {

// What rules move: optimizer, then the fields that are set.
std::string recipe_text(const Recipe& recipe) {
  std::string text(to_string(recipe.optimizer));
  const auto add = [&](const char* name, const std::optional<double>& value) {
    if (value) text += fmt::format(" {}={}", name, *value);
  };
  add("momentum", recipe.momentum);
  add("beta1", recipe.beta1);
  add("beta2", recipe.beta2);
  add("eps", recipe.eps);
  add("weight_decay", recipe.weight_decay);
  add("ema", recipe.ema);
  return text;
}

}  // namespace

Fingerprint study_fingerprint(const WorkloadInfo& workload, const StudyOptions& options) {
  Fingerprint settings = workload.settings;
  const auto add = [&](const char* field, const auto& value) {
    settings.emplace_back(fmt::format("study.{}", field), fmt::format("{}", value));
  };
  add("objective", workload.objective_name);
  add("budget_examples", workload.budget_examples);
  add("batch_sizes", fmt::format("{}", fmt::join(options.batch_sizes, ",")));
  add("base_batch_size", options.base_batch_size);
  add("seeds", options.seeds);
  // Studies of earlier versions have none, and no more seeds than all.
  if (options.last_seeds() != options.seeds) add("most_seeds", options.last_seeds());
  add("first_seed", options.first_seed);
  add("lr_center", options.first_lr());
  add("tolerance", options.tolerance);
  add("level", options.level);
  add("rules", fmt::format("{}", fmt::join(options.rules, ",")));
  if (options.noise_scale) add("noise_scale", *options.noise_scale);
  if (options.grid) add("grid", 1);
  const bool all_alone =
      std::all_of(options.rules.begin(), options.rules.end(),
                  [&](const std::string& rule) { return moves_lr_alone(options, rule); });
  if (!all_alone) add("recipe", recipe_text(options.recipe));
  return settings;
}

std::vector<std::string> rules_of(const Fingerprint& fingerprint) {
  const std::string text = setting_of(fingerprint, "study.rules").value_or("");
  std::vector<std::string> rules;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    rules.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return rules;
}

}  // namespace etalon

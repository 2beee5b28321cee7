// A study of rounds as it is on disk, evaluated without running anything.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "etalon/study.hpp"
#include "study/outcome.hpp"
#include "study/planner.hpp"

namespace etalon {
namespace {

constexpr std::string_view kOfStudy = "study.";

std::string text_of(const StudyFile& study, const std::string& field) {
  return setting_of(study.fingerprint, std::string(kOfStudy) + field).value_or("");
}

// Nothing where the text is no number.
template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

template <typename Number>
void take(const StudyFile& study, const char* field, Number& value) {
  if (const auto number = number_in<Number>(text_of(study, field))) value = *number;
}

std::vector<std::string> parts_of(const std::string& text, char mark) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(mark, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// "adamw beta1=0.9", as study_fingerprint writes it where a rule moves more than the learning rate;
// else the optimizer alone matters.
Recipe recipe_of(const StudyFile& study) {
  Recipe recipe;
  std::vector<std::string> parts = parts_of(text_of(study, "recipe"), ' ');
  if (parts.empty()) parts.push_back(setting_of(study.fingerprint, "optimizer").value_or(""));
  if (const OptimizerInfo* optimizer = find_optimizer(parts.front())) {
    recipe.optimizer = optimizer->family;
  }
  const auto set = [&](std::string_view name, std::optional<double>& value) {
    for (const std::string& part : parts) {
      const bool is_it = part.starts_with(name) && part.substr(name.size()).starts_with('=');
      if (is_it) value = number_in<double>(std::string_view(part).substr(name.size() + 1));
    }
  };
  set("momentum", recipe.momentum);
  set("beta1", recipe.beta1);
  set("beta2", recipe.beta2);
  set("eps", recipe.eps);
  set("weight_decay", recipe.weight_decay);
  set("ema", recipe.ema);
  return recipe;
}

StudyOptions options_of(const StudyFile& study) {
  StudyOptions options;
  options.batch_sizes.clear();
  for (const std::string& text : parts_of(text_of(study, "batch_sizes"), ',')) {
    if (const auto batch_size = number_in<std::int64_t>(text)) {
      options.batch_sizes.push_back(*batch_size);
    }
  }
  take(study, "base_batch_size", options.base_batch_size);
  take(study, "seeds", options.seeds);
  // Earlier versions asked for no more.
  options.most_seeds =
      number_in<std::int64_t>(text_of(study, "most_seeds")).value_or(options.seeds);
  take(study, "first_seed", options.first_seed);
  take(study, "tolerance", options.tolerance);
  take(study, "level", options.level);
  options.lr_center = number_in<double>(text_of(study, "lr_center"));
  options.noise_scale = number_in<double>(text_of(study, "noise_scale"));
  options.grid = !text_of(study, "grid").empty();
  options.rules = rules_of(study.fingerprint);
  options.recipe = recipe_of(study);
  return options;
}

// As far as the curves tell.
std::int64_t examples_per_epoch(const StudyFile& study) {
  for (const TrialRecord& trial : study.trials) {
    for (const CurvePoint& point : trial.result.curve) {
      if (!(point.epoch > 0.0)) continue;
      const double examples = static_cast<double>(point.step * trial.spec.batch_size);
      return std::llround(examples / point.epoch);
    }
  }
  return 0;
}

WorkloadInfo workload_of(const StudyFile& study, const std::string& name) {
  WorkloadInfo workload;
  const auto kept = study.meta.find("workload");
  workload.name = kept == study.meta.end() ? name : kept->second;
  workload.objective_name = text_of(study, "objective");
  take(study, "budget_examples", workload.budget_examples);
  workload.examples_per_epoch = examples_per_epoch(study);
  for (const auto& [key, value] : study.fingerprint) {
    if (!key.starts_with(kOfStudy)) workload.settings.emplace_back(key, value);
  }
  return workload;
}

}  // namespace

bool has_rounds(const StudyFile& study) { return !text_of(study, "rules").empty(); }

StudyResult stored_study(const StudyFile& study, const std::string& name,
                         std::optional<double> tolerance) {
  StudyResult result;
  result.options = options_of(study);
  try {
    result.options.validate();
  } catch (const InputError& error) {
    throw InputError(fmt::format("the study's settings are damaged: {}", error.what()), name,
                     "restore the file");
  }
  result.workload = workload_of(study, name);
  for (const TrialRecord& trial : study.trials) {
    if (trial.result.state != TrialState::pending) result.trials.push_back(trial);
  }
  if (result.trials.empty()) throw InputError("the study has no trials", name, "run some");
  result.interrupted = !plan_round(result.options, result.trials).empty();
  if (tolerance) result.options.tolerance = *tolerance;
  result.options.validate();
  evaluate(result);
  const auto limits = study.meta.find(kLimitsMeta);
  if (limits != study.meta.end()) result.limits = limits_from_text(limits->second);
  const auto seconds = study.meta.find("wall_seconds");
  if (seconds != study.meta.end()) {
    result.wall_seconds = number_in<double>(seconds->second).value_or(0.0);
  }
  return result;
}

}  // namespace etalon

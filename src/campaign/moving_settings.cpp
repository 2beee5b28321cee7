#include "campaign/moving_settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "etalon/error.hpp"
#include "study/rules.hpp"

namespace etalon {
namespace {

constexpr const char* kWarmupSteps = "warmup_steps";

std::optional<double> warmup_of(const Recipe& recipe, std::int64_t batch_size,
                                const ScaleOptions& known) {
  if (!recipe.schedule.warmup) return std::nullopt;
  return in_unit(*recipe.schedule.warmup, DurationUnit::steps, static_cast<double>(batch_size),
                 known.dataset_size);
}

// What a rule makes of the recipe at all batch sizes.
class RuleAtWork {
 public:
  RuleAtWork(const SettingsQuestion& question, std::string rule)
      : question_(question), rule_(std::move(rule)) {
    for (const std::int64_t batch_size : question.batch_sizes) add(batch_size);
  }

  // Those that it moves and that are not taken, as "beta1, eps".
  std::string missing() const {
    std::vector<std::string> names;
    for (const std::string& name : moves_) {
      if (!question_.taken.contains(name)) names.push_back(name);
    }
    return fmt::format("{}", fmt::join(names, ", "));
  }
  // How many of what is taken it moves.
  std::size_t reach() const {
    return static_cast<std::size_t>(
        std::count_if(moves_.begin(), moves_.end(),
                      [&](const std::string& name) { return question_.taken.contains(name); }));
  }
  const std::string& rule() const { return rule_; }
  SettingsAnswer take() && {
    answer_.moving.rule = rule_;
    answer_.moving.base_batch_size = question_.base.batch.global();
    return std::move(answer_);
  }

 private:
  void add(std::int64_t batch_size) {
    Recipe base = question_.base;
    base.lr = 1.0;
    const Recipe scaled = scale(base, {.micro_batch = batch_size}, rule_, question_.known).recipe;
    const MovedSettings moved = moved_between(base, scaled);
    if (moved.any()) answer_.moving.at[batch_size] = moved;
    for (const NamedSetting& setting : kMovableSettings) {
      if (moved.*setting.value) moves_.insert(std::string(setting.name));
    }
    add_warmup(batch_size, scaled);
  }

  void add_warmup(std::int64_t batch_size, const Recipe& scaled) {
    const auto steps = warmup_of(scaled, batch_size, question_.known);
    if (!steps) return;
    answer_.warmup_steps[batch_size] = std::max<std::int64_t>(1, std::llround(*steps));
    moves_.insert(kWarmupSteps);
  }

  const SettingsQuestion& question_;
  std::string rule_;
  std::set<std::string> moves_;
  SettingsAnswer answer_;
};

// Spends more examples at larger batch sizes, where a study holds them fixed.
bool changes_the_budget(std::string_view rule) { return rule == "adascale"; }

void check_warmup(const SettingsQuestion& question) {
  const bool is_said = question.base.schedule.warmup.has_value();
  if (is_said && !warmup_of(question.base, 1, question.known)) {
    throw InputError(
        fmt::format("{} is in epochs, whose length is not known", field_name("warmup_epochs")), "",
        fmt::format("give {}", field_name("dataset_size")));
  }
}

SettingsAnswer by_rule(const SettingsQuestion& question) {
  RuleAtWork work(question, question.rule);
  if (changes_the_budget(question.rule)) {
    throw InputError(fmt::format("{} is {}, which spends more examples at larger batch sizes",
                                 field_name("rule"), question.rule),
                     "", "choose another: a study holds fixed what a trial may spend");
  }
  if (const std::string missing = work.missing(); !missing.empty()) {
    throw InputError(
        fmt::format("{} is {}, which also moves {}", field_name("rule"), question.rule, missing),
        "",
        fmt::format("put {{{}}} into the command, or choose another rule",
                    missing.substr(0, missing.find(','))));
  }
  return std::move(work).take();
}

BatchShape furthest(const SettingsQuestion& question) {
  const auto& all = question.batch_sizes;
  return {.micro_batch = *std::max_element(all.begin(), all.end())};
}

// The recommended one first, then those that move the most of what is taken.
std::vector<RuleAtWork> candidates(const SettingsQuestion& question) {
  Recipe base = question.base;
  base.lr = 1.0;
  const RuleComparison comparison = compare_rules(base, furthest(question), question.known);
  std::vector<RuleAtWork> all;
  for (const ScaledRecipe& each : comparison.rules) {
    if (!changes_the_budget(each.rule.name))
      all.emplace_back(question, std::string(each.rule.name));
  }
  const bool has_first = !all.empty() && all.front().rule() == comparison.recommended;
  std::vector<std::size_t> order(all.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin() + (has_first ? 1 : 0), order.end(),
                   [&](std::size_t a, std::size_t b) { return all[a].reach() > all[b].reach(); });
  std::vector<RuleAtWork> sorted;
  sorted.reserve(order.size());
  for (const std::size_t i : order) sorted.push_back(std::move(all[i]));
  return sorted;
}

}  // namespace

std::vector<std::string> moved_names(const MovingSettings& moving) {
  std::vector<std::string> names;
  for (const auto& [name, value] : kMovableSettings) {
    const bool moves =
        std::any_of(moving.at.begin(), moving.at.end(),
                    [&, member = value](auto& at) { return (at.second.*member).has_value(); });
    if (moves) names.emplace_back(name);
  }
  return names;
}

SettingsAnswer move_settings(const SettingsQuestion& question) {
  check_warmup(question);
  if (!question.rule.empty()) return by_rule(question);
  std::vector<OmittedRule> left_out;
  for (RuleAtWork& work : candidates(question)) {
    const std::string missing = work.missing();
    if (missing.empty()) {
      SettingsAnswer answer = std::move(work).take();
      answer.left_out = std::move(left_out);
      return answer;
    }
    left_out.push_back({work.rule(), missing, ""});
  }
  throw InputError("no rule moves only what the command takes", "",
                   fmt::format("name one by {}", field_name("rule")));
}

}  // namespace etalon

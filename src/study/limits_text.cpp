#include "study/limits_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "core/plain_number.hpp"
#include "study/trial_text.hpp"

namespace etalon {
namespace {

std::string in_three_digits(double value) { return rounded_number(value, 3); }

std::string range_in_words(const LimitRange& range) {
  return fmt::format("{} to {}", in_three_digits(range.low), in_three_digits(range.high));
}

// "0.1 to 0.2 at B=8"
std::string stable_at(const MeasuredLimits& limits, double batch_size) {
  const auto stable = stable_lr(limits, batch_size);
  return fmt::format("{} at B={}", range_in_words(*stable), plain_number(batch_size));
}

std::string stable_sentence(const StudyResult& result) {
  const double first = result.optima.front().batch_size, last = result.optima.back().batch_size;
  std::string text = fmt::format("Along training with the best η the largest stable one, {}, is {}",
                                 result.limits->stable_formula, stable_at(*result.limits, first));
  if (last > first) text += " and " + stable_at(*result.limits, last);
  return text + ".";
}

// Batch sizes at which the same holds the best learning rate: "from B=8 to 64", "at B=8, 64".
class Places {
 public:
  explicit Places(const StudyResult& result) : result_(result) {}

  void add(std::size_t i) { places_.push_back(i); }
  bool is_empty() const { return places_.empty(); }
  std::string text() const {
    if (places_.size() > 2 && places_.back() - places_.front() + 1 == places_.size()) {
      return fmt::format("from B={} to {}", at(places_.front()), at(places_.back()));
    }
    std::vector<std::int64_t> all;
    for (const std::size_t i : places_) all.push_back(at(i));
    return fmt::format("at B={}", fmt::join(all, ", "));
  }

 private:
  std::int64_t at(std::size_t i) const {
    return static_cast<std::int64_t>(result_.optima[i].batch_size);
  }

  const StudyResult& result_;
  std::vector<std::size_t> places_;  // in `optima`
};

// What holds the best learning rates, each said of its batch sizes.
std::string holding_sentence(const StudyResult& result) {
  Places noise(result), sharpness(result), open(result);
  for (std::size_t i = 0; i < result.optima.size(); ++i) {
    const Optimum& at = result.optima[i];
    const HeldBy held = what_holds(*result.limits, at.batch_size, at.lr, at.lr_high);
    (held == HeldBy::noise ? noise : held == HeldBy::sharpness ? sharpness : open).add(i);
  }
  std::vector<std::string> parts;
  if (!noise.is_empty()) parts.push_back("noise holds the best η down " + noise.text());
  if (!sharpness.is_empty()) {
    parts.push_back("the sharpness λ_max holds the best η down " + sharpness.text());
  }
  if (!open.is_empty()) parts.push_back(open.text() + " it cannot be told which");
  if (noise.is_empty() && sharpness.is_empty()) {
    return " What holds the best η down cannot be told at any batch size.";
  }
  std::string text = fmt::format(" {}.", fmt::join(parts, "; "));
  if (text[1] >= 'a' && text[1] <= 'z') text[1] = static_cast<char>(text[1] - 'a' + 'A');
  return text;
}

// Where a rule first fails on one side of the base batch size; null where it does not.
const RuleOutcome* first_failure(const StudyResult& result, const std::string& rule, bool above) {
  const std::int64_t base = result.options.base_batch_size;
  const RuleOutcome* first = nullptr;
  for (const RuleOutcome& each : result.rules) {
    const bool is_there = above ? each.batch_size > base : each.batch_size < base;
    if (each.rule != rule || !is_there || each.regret.verdict != Verdict::fails) continue;
    const bool is_nearer = first == nullptr || (above ? each.batch_size < first->batch_size
                                                      : each.batch_size > first->batch_size);
    if (is_nearer) first = &each;
  }
  return first;
}

HeldBy limit_of(const StudyResult& result, const RuleOutcome& failure) {
  const auto optimum =
      std::find_if(result.optima.begin(), result.optima.end(), [&](const Optimum& each) {
        return static_cast<std::int64_t>(each.batch_size) == failure.batch_size;
      });
  if (optimum == result.optima.end() || failure.moved.any()) return HeldBy::cannot_tell;
  return what_breaks(*result.limits, optimum->batch_size, failure.regret.lr, optimum->lr);
}

// "breaks at B=512 by the sharpness, as η 0.8 is stable nowhere along training"
std::string failure_in_words(const StudyResult& result, const RuleBreak& found) {
  const RuleOutcome& failure = *found.outcome;
  const std::string lr = in_three_digits(failure.regret.lr);
  const std::string start = fmt::format("breaks at B={}", failure.batch_size);
  switch (found.limit) {
    case HeldBy::sharpness:
      return fmt::format("{} by the sharpness, as η {} is stable nowhere along training", start,
                         lr);
    case HeldBy::noise:
      return fmt::format(
          "{} by noise, which allows η {} there, not {}", start,
          range_in_words(*noise_lr(*result.limits, static_cast<double>(failure.batch_size))), lr);
    case HeldBy::neither:
      return fmt::format("{} by no limit, as η {} is below the best", start, lr);
    case HeldBy::cannot_tell:
      break;
  }
  return fmt::format("{}, by which limit cannot be told", start);
}

std::string rule_sentence(const StudyResult& result, const std::string& rule) {
  std::vector<std::string> parts;
  for (const RuleBreak& each : rule_breaks(result)) {
    if (each.outcome->rule == rule) parts.push_back(failure_in_words(result, each));
  }
  if (parts.empty()) parts.emplace_back("breaks nowhere for sure");
  return fmt::format("{} {}", rule_in_words(rule), fmt::join(parts, ", and "));
}

std::string rules_sentence(const StudyResult& result) {
  std::vector<std::string> parts;
  for (const std::string& rule : result.options.rules) {
    parts.push_back(rule_sentence(result, rule));
  }
  return parts.empty() ? "" : fmt::format(" Of the rules, {}.", fmt::join(parts, "; "));
}

}  // namespace

std::vector<RuleBreak> rule_breaks(const StudyResult& result) {
  std::vector<RuleBreak> breaks;
  for (const std::string& rule : result.options.rules) {
    for (const bool above : {false, true}) {
      const RuleOutcome* failure = first_failure(result, rule, above);
      if (failure != nullptr) breaks.push_back({failure, limit_of(result, *failure)});
    }
  }
  return breaks;
}

std::string limits_text(const StudyResult& result) {
  if (!result.limits || result.optima.empty()) return "";
  if (result.limits->points.empty()) {
    return "Nothing could be measured of what limits the learning rate.";
  }
  return stable_sentence(result) + holding_sentence(result) + rules_sentence(result);
}

}  // namespace etalon

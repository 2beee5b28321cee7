#include "range/restarts.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>

namespace etalon {
namespace {

// Half of Student's interval of the mean logarithm; of at least two.
double half_of_student(std::span<const LrOnGrid> lrs, double level) {
  const auto count = static_cast<double>(lrs.size());
  double mean = 0.0, squares = 0.0;
  for (const LrOnGrid& each : lrs) mean += std::log(each.lr) / count;
  for (const LrOnGrid& each : lrs) squares += std::pow(std::log(each.lr) - mean, 2);
  const boost::math::students_t student(count - 1.0);
  return boost::math::quantile(student, 0.5 + 0.5 * level) *
         std::sqrt(squares / (count - 1.0) / count);
}

RangedLr ranged_between(std::span<const LrOnGrid> lrs, double level) {
  const auto count = static_cast<double>(lrs.size());
  double mean = 0.0, low = 0.0, high = 0.0;
  for (const LrOnGrid& each : lrs) {
    mean += std::log(each.lr) / count;
    low += std::log(*each.low) / count;
    high += std::log(*each.high) / count;
  }
  RangedLr ranged{std::exp(mean), {}, {}};
  if (lrs.size() < 2) return ranged;
  const double reach = std::hypot(0.5 * (high - low), half_of_student(lrs, level));
  // Rounding must not take the rate itself out of it.
  ranged.low = std::min(ranged.lr, std::exp(0.5 * (low + high) - reach));
  ranged.high = std::max(ranged.lr, std::exp(0.5 * (low + high) + reach));
  return ranged;
}

// Of an even number the one that is nearer to the side that is known.
double median_of(std::span<const LrOnGrid> lrs, bool lower) {
  std::vector<double> sorted;
  sorted.reserve(lrs.size());
  for (const LrOnGrid& each : lrs) sorted.push_back(each.lr);
  std::sort(sorted.begin(), sorted.end());
  return sorted[(sorted.size() - (lower ? 1 : 0)) / 2];
}

// Where some of them are bounds: open on that side.
RangedLr ranged_bound(std::span<const LrOnGrid> lrs, double level, bool has_low, bool has_high) {
  RangedLr ranged{median_of(lrs, !has_high), {}, {}};
  // All restarts lie on one side of the median with this probability.
  const double missed = std::pow(0.5, static_cast<double>(lrs.size()));
  if (missed > 0.5 * (1.0 - level)) return ranged;
  double low = INFINITY, high = 0.0;
  for (const LrOnGrid& each : lrs) {
    low = std::min(low, each.low.value_or(low));
    high = std::max(high, each.high.value_or(high));
  }
  if (has_low) ranged.low = low;
  if (has_high) ranged.high = high;
  return ranged;
}

}  // namespace

RangedLr ranged(std::span<const LrOnGrid> lrs, double level) {
  const auto all = [&](std::optional<double> LrOnGrid::*end) {
    return std::all_of(lrs.begin(), lrs.end(),
                       [end](const LrOnGrid& each) { return (each.*end).has_value(); });
  };
  const bool has_low = all(&LrOnGrid::low), has_high = all(&LrOnGrid::high);
  if (has_low && has_high) return ranged_between(lrs, level);
  return ranged_bound(lrs, level, has_low, has_high);
}

RangedLr ranged(std::span<const double> lrs, double level) {
  std::vector<LrOnGrid> exact;
  exact.reserve(lrs.size());
  for (const double lr : lrs) exact.push_back({lr, lr, lr});
  return ranged(exact, level);
}

RangeReading reading_of(const RampOptions& ramp) {
  return {.width = 0.02 * static_cast<double>(ramp.steps)};
}

std::optional<RangeSummary> summarize(std::span<const RangeCurve> curves, double level,
                                      const RangeReading& reading) {
  std::vector<LrOnGrid> from, fastest, least, stable;
  std::map<std::string, std::vector<LrOnGrid>> named;
  std::vector<std::string> names;
  RangeSummary summary;
  for (const RangeCurve& curve : curves) {
    const auto landmarks = landmarks_of(curve, reading);
    if (!landmarks) continue;
    from.push_back(landmarks->falls_from);
    fastest.push_back(landmarks->falls_fastest);
    least.push_back(landmarks->least);
    stable.push_back(landmarks->stable_to);
    summary.stay_stable += landmarks->stays_stable() ? 1 : 0;
    for (const RangeSuggestion& each : suggestions_of(curve)) {
      if (named[each.name].empty()) names.push_back(each.name);
      named[each.name].push_back(each.lr);
    }
  }
  if (from.empty()) return std::nullopt;
  summary.restarts = from.size();
  summary.falls_from = ranged(from, level);
  summary.falls_fastest = ranged(fastest, level);
  summary.least = ranged(least, level);
  summary.stable_to = ranged(stable, level);
  for (const std::string& name : names) {
    summary.suggestions.push_back({name, ranged(named[name], level)});
  }
  return summary;
}

}  // namespace etalon

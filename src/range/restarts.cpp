#include "range/restarts.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>

namespace etalon {

RangedLr ranged(std::span<const double> lrs, double level) {
  const auto count = static_cast<double>(lrs.size());
  double mean = 0.0, squares = 0.0;
  for (const double lr : lrs) mean += std::log(lr) / count;
  for (const double lr : lrs) squares += std::pow(std::log(lr) - mean, 2);
  RangedLr ranged{std::exp(mean), {}, {}};
  if (lrs.size() < 2) return ranged;
  const boost::math::students_t student(count - 1.0);
  const double half = boost::math::quantile(student, 0.5 + 0.5 * level) *
                      std::sqrt(squares / (count - 1.0) / count);
  ranged.low = std::exp(mean - half);
  ranged.high = std::exp(mean + half);
  return ranged;
}

RangeReading reading_of(const RampOptions& ramp) {
  return {.width = 0.02 * static_cast<double>(ramp.steps)};
}

std::optional<RangeSummary> summarize(std::span<const RangeCurve> curves, double level,
                                      const RangeReading& reading) {
  std::vector<double> from, fastest, least, stable;
  std::map<std::string, std::vector<double>> named;
  std::vector<std::string> names;
  RangeSummary summary;
  for (const RangeCurve& curve : curves) {
    const auto landmarks = landmarks_of(curve, reading);
    if (!landmarks) continue;
    from.push_back(landmarks->falls_from);
    fastest.push_back(landmarks->falls_fastest);
    least.push_back(landmarks->least);
    stable.push_back(landmarks->stable_to);
    summary.stay_stable += landmarks->stays_stable ? 1 : 0;
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

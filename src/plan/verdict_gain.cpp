#include "plan/verdict_gain.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

namespace etalon {
namespace {

// Less probable closings are worth no trial.
constexpr double kWorthwhile = 0.2;
// Fewer have no interval.
constexpr std::int64_t kLeastPairs = 2;
// More at once would be spent on what fewer may close.
constexpr std::int64_t kAtOnce = 2;
constexpr double kMostSeedsNamed = 1e6;
constexpr double kNoWidth = 1e-300;  // numerical

// How far a regret lies from the tolerance, and its interval's half width on that side. An interval
// that ends at 0 ends where regrets do, and not where noise lets it: then that on the other side.
struct Gap {
  double distance, half_width;
};

Gap gap_of(const Regret& regret, double tolerance) {
  const double from = *regret.regret;
  const double above = *regret.regret_high - from;
  if (from < tolerance) return {tolerance - from, above};
  return {from - tolerance, *regret.regret_low == 0.0 ? above : from - *regret.regret_low};
}

double probability_below(double deviates) {
  return boost::math::cdf(boost::math::normal(), deviates);
}

double deviate_of(double level) {
  return boost::math::quantile(boost::math::normal(), 0.5 + 0.5 * level);
}

}  // namespace

bool is_open(const Regret& regret, double tolerance) {
  return regret.verdict == Verdict::cannot_tell && regret.regret_low && regret.regret_high &&
         *regret.regret_low <= tolerance && *regret.regret_high >= tolerance;
}

double chance_to_close(const Regret& regret, const RegretOptions& options, std::int64_t more) {
  if (!is_open(regret, options.tolerance) || more < 1 || regret.pairs < 1) return 0.0;
  const Gap gap = gap_of(regret, options.tolerance);
  const auto seeds = static_cast<double>(regret.pairs);
  const double left = seeds / (seeds + static_cast<double>(more));  // of the variance
  const double half_width = std::max(gap.half_width, kNoWidth);
  const double moves = half_width / deviate_of(options.level) * std::sqrt(1.0 - left);
  const double half_then = half_width * std::sqrt(left);
  return probability_below((gap.distance - half_then) / moves) +
         probability_below((-gap.distance - half_then) / moves);
}

std::optional<std::int64_t> seeds_to_close(const Regret& regret, const RegretOptions& options) {
  if (!is_open(regret, options.tolerance) || regret.pairs < 1) return std::nullopt;
  const Gap gap = gap_of(regret, options.tolerance);
  const double ratio = gap.half_width / std::max(gap.distance, kNoWidth);
  const double seeds = std::ceil(static_cast<double>(regret.pairs) * ratio * ratio);
  if (!(seeds <= kMostSeedsNamed)) return std::nullopt;
  return std::max(regret.pairs + 1, static_cast<std::int64_t>(seeds));
}

std::optional<double> noise_of_a_seed(const Regret& regret, const RegretOptions& options) {
  if (!is_open(regret, options.tolerance) || regret.pairs < 1) return std::nullopt;
  const double half_width = gap_of(regret, options.tolerance).half_width;
  return half_width / deviate_of(options.level) * std::sqrt(static_cast<double>(regret.pairs));
}

std::int64_t seeds_worth_adding(const Regret& regret, const RegretOptions& options,
                                std::int64_t most) {
  const std::int64_t left = most - regret.pairs;
  if (!regret.loss || left < 1) return 0;
  if (regret.pairs < kLeastPairs) return std::min(left, kLeastPairs - regret.pairs);
  if (chance_to_close(regret, options, left) < kWorthwhile) return 0;
  const std::int64_t at_once = std::min(left, std::max(kAtOnce, regret.pairs / 2));
  const auto needed = seeds_to_close(regret, options);
  return needed ? std::clamp((*needed - regret.pairs + 1) / 2, std::int64_t{1}, at_once) : at_once;
}

}  // namespace etalon

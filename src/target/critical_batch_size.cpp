// The fit of S = S_min (1 + B_crit/B): for each B_crit of a fine scale S_min is a weighted mean.
#include <algorithm>
#include <cmath>
#include <limits>

#include "etalon/target.hpp"
#include "optimum/student_interval.hpp"

namespace etalon {
namespace {

// B_crit is looked for from a thousandth of the least batch size to a thousand times the greatest:
// beyond, S is flat, or halves with every doubling, to one part in a thousand.
constexpr double kBeyond = 1000.0;
constexpr double kStepOfScale = 0.005;  // of ln B_crit
constexpr std::size_t kLeastBatchSizes = 3;
constexpr double kUnknowns = 2.0;

// The best S_min at one B_crit.
struct ProfilePoint {
  double log_critical = 0.0;
  double log_steps = 0.0;  // ln S_min
  double squares = 0.0;    // weighted, left there
};

double log_curve(double log_critical, double batch_size) {
  return std::log1p(std::exp(log_critical) / batch_size);
}

ProfilePoint profile_at(double log_critical, std::span<const LogSteps> points) {
  double weights = 0.0, sum = 0.0;
  for (const auto& [batch_size, log_steps, seeds] : points) {
    const auto weight = static_cast<double>(seeds);
    weights += weight;
    sum += weight * (log_steps - log_curve(log_critical, batch_size));
  }
  ProfilePoint profile{log_critical, sum / weights, 0.0};
  for (const auto& [batch_size, log_steps, seeds] : points) {
    const double miss = log_steps - profile.log_steps - log_curve(log_critical, batch_size);
    profile.squares += static_cast<double>(seeds) * miss * miss;
  }
  return profile;
}

std::vector<ProfilePoint> profile_of(std::span<const LogSteps> points) {
  double least = std::numeric_limits<double>::infinity(), most = 0.0;
  for (const LogSteps& point : points) {
    least = std::min(least, point.batch_size);
    most = std::max(most, point.batch_size);
  }
  std::vector<ProfilePoint> profile;
  for (double x = std::log(least / kBeyond); x < std::log(most * kBeyond); x += kStepOfScale) {
    profile.push_back(profile_at(x, points));
  }
  return profile;
}

// By how much squares may exceed their least: t²σ².
double allowance(double least, std::size_t count, const SeedSpread& spread, double level) {
  const double freedom = static_cast<double>(count) - kUnknowns;
  const double scatter = least / freedom;
  const bool beyond_seeds = scatter > spread.variance;
  const double all = freedom + (beyond_seeds ? 0.0 : spread.degrees_of_freedom);
  const double variance =
      beyond_seeds ? scatter : (least + spread.variance * spread.degrees_of_freedom) / all;
  const double t = student_quantile(all, level);
  return t * t * variance;
}

// The range of a sum of the unknowns' logarithms over all that is allowed. At each B_crit, S_min
// may deviate as far as the rest of the allowance goes.
Estimated range_of(const std::vector<ProfilePoint>& profile, const ProfilePoint& best,
                   double allowed, double weights, double of_critical, double of_steps) {
  const auto value = [&](const ProfilePoint& at) {
    return of_critical * at.log_critical + of_steps * at.log_steps;
  };
  double low = value(best), high = low;
  for (const ProfilePoint& at : profile) {
    const double rest = best.squares + allowed - at.squares;
    if (rest < 0.0) continue;
    const double aside = of_steps * std::sqrt(rest / weights);
    low = std::min(low, value(at) - aside);
    high = std::max(high, value(at) + aside);
  }
  return {std::exp(value(best)), std::exp(low), std::exp(high)};
}

// At an end of the scale nothing bounds B_crit: S_min with it, or E_min.
void open_ends(const std::vector<ProfilePoint>& profile, double most, CriticalBatchSize& fit) {
  if (profile.front().squares <= most) {
    fit.batch_size.low.reset();
    fit.fewest_examples.low.reset();
  }
  if (profile.back().squares <= most) {
    fit.batch_size.high.reset();
    fit.fewest_steps.low.reset();
  }
}

}  // namespace

std::optional<CriticalBatchSize> fit_critical_batch_size(std::span<const LogSteps> points,
                                                         const SeedSpread& spread, double level) {
  if (points.size() < kLeastBatchSizes) return std::nullopt;
  const std::vector<ProfilePoint> profile = profile_of(points);
  const ProfilePoint best = *std::min_element(
      profile.begin(), profile.end(),
      [](const ProfilePoint& a, const ProfilePoint& b) { return a.squares < b.squares; });
  double weights = 0.0;
  for (const LogSteps& point : points) weights += static_cast<double>(point.seeds);
  const double allowed = allowance(best.squares, points.size(), spread, level);
  CriticalBatchSize fit;
  fit.batch_size = range_of(profile, best, allowed, weights, 1.0, 0.0);
  fit.fewest_steps = range_of(profile, best, allowed, weights, 0.0, 1.0);
  fit.fewest_examples = range_of(profile, best, allowed, weights, 1.0, 1.0);
  fit.scatter = std::sqrt(best.squares / weights);
  open_ends(profile, best.squares + allowed, fit);
  return fit;
}

}  // namespace etalon

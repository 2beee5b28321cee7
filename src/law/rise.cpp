// How the rise is estimated. With g the loss, the rise at x is the greatest g(x) − g(v) over all v.
// Its limits are the greatest lower and the greatest upper limit of these differences: the upper
// one is as honest as that of the one v where the loss is truly least, and that v need not be
// known; the lower one never falls below 0, which v = x gives. Both also follow from the profile
// likelihood.
//
// Rows that entered the fit take both losses from the fit, and so use all its observations. Other
// rows are steep or far away: their losses are compared with the fitted losses of the same seeds.
// Their differences spread about as much as they rise, and are skewed; so their mean is bounded on
// the scale asinh(difference · kNoiseGrowth / s), s being the noise near the least, on which noise
// that grows as the root of s² + (kNoiseGrowth · difference)² is even: linear near the noise,
// logarithmic above it. The limits of the row and of the fit are combined by MOVER (Zou and Donner
// 2008). Lastly the loss is unimodal: beyond the fit it rises at least as much as at its edge.
#include "law/rise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "law/spread.hpp"

namespace etalon {
namespace {

constexpr double kLeastStep = 0.02;  // of ln lr
constexpr double kNoiseGrowth = 0.5;

// Calls `visit` with places that cover the fit's window.
template <typename Visit>
void scan(const LocalFit& fit, Visit visit) {
  const double steps = std::ceil((fit.high() - fit.low()) / kLeastStep);
  for (double i = 0; i <= steps; ++i) visit(fit.low() + (fit.high() - fit.low()) * i / steps);
}

// The fitted least lies below the true one by this much on average, having been chosen.
double bias_of_least(const LocalFit& fit, double vertex) {
  const double curvature = fit.curvature(vertex), deviation = fit.slope_deviation(vertex);
  return curvature > 0 ? 0.5 * deviation * deviation / curvature : 0;
}

void take_bias(Rise& rise, double bias) {
  rise.estimate = std::max(0.0, rise.estimate - bias);
  rise.low = std::max(0.0, rise.low - bias);
}

Rise rise_within(const LocalFit& fit, double x, double level) {
  const double quantile = student_quantile(fit.degrees_of_freedom(), level);
  Rise rise;
  scan(fit, [&](double v) {
    const double difference = fit.rise(v, x);
    const double margin = quantile * fit.rise_deviation(v, x);
    rise.estimate = std::max(rise.estimate, difference);
    rise.low = std::max(rise.low, difference - margin);
    rise.high = std::max(rise.high, difference + margin);
  });
  return rise;
}

// Noise of losses at one place: its own deviation there, and the deviation near the least.
struct Noise {
  double here = 0.0, least = 0.0;
  double degrees_of_freedom = 0.0;
};

// As `limits_of_mean`, for the differences of one row above the best, whose noise may grow with
// them: then the limits come from the evened scale as well.
Limits limits_of_steep_row(const std::vector<double>& differences, const Noise& noise,
                           double level) {
  const Spread near{noise.here * noise.here, noise.degrees_of_freedom};
  const Limits plain = limits_of_mean(differences, near, level);
  const bool noisier = is_greater(spread_of(differences), near);
  if (noise.least <= 0 || (!noisier && noise.here <= noise.least)) return plain;
  const double scale = kNoiseGrowth / noise.least;
  std::vector<double> evened;
  evened.reserve(differences.size());
  for (const double difference : differences) evened.push_back(std::asinh(scale * difference));
  const Spread even{kNoiseGrowth * kNoiseGrowth, noise.degrees_of_freedom};
  const double low = std::sinh(limits_of_mean(evened, even, level).low) / scale;
  const double high = std::sinh(limits_of_mean(evened, even, level, Pooling::always).high) / scale;
  return {plain.mean, noisier ? std::min(plain.mean, low) : plain.low, std::max(plain.high, high)};
}

// Losses that are not in the fit, as differences from the fitted least of the same seeds.
struct Excess {
  std::vector<double> differences;
  std::vector<std::size_t> seeds;
};

Excess excess_of(const SeedLosses& losses, const LocalFit& fit, double vertex) {
  Excess excess;
  for (std::size_t column = 0; column < losses.size(); ++column) {
    const auto least = fit.level(column, vertex);
    if (!losses[column] || !least) continue;
    excess.differences.push_back(*losses[column] - *least);
    excess.seeds.push_back(column);
  }
  return excess;
}

// `own` against every place of the fit; nothing falls below `rise`.
Rise combine(const Limits& own, const std::vector<std::size_t>& seeds, const LocalFit& fit,
             double vertex, double level, Rise rise) {
  const double quantile = student_quantile(fit.degrees_of_freedom(), level);
  const LocalFit::MeanLevel least = fit.mean_level(seeds);
  scan(fit, [&](double v) {
    const double difference = own.mean + fit.rise(v, vertex);
    const double margin = quantile * fit.deviation(least, v);
    rise.estimate = std::max(rise.estimate, difference);
    rise.low = std::max(rise.low, difference - std::hypot(own.mean - own.low, margin));
    rise.high = std::max(rise.high, difference + std::hypot(own.high - own.mean, margin));
  });
  return rise;
}

std::optional<Rise> rise_outside(const LossTable& table, const Neighbourhood& around,
                                 std::size_t row, double level) {
  const LocalFit& fit = *around.fit;
  const auto [differences, seeds] = excess_of(losses_of_row(table, row), fit, around.vertex);
  if (seeds.size() < 2) return std::nullopt;
  const double x = around.place(table, row);
  const bool within = fit.low() <= x && x <= fit.high();
  const Noise noise{within ? fit.noise_at(x) : fit.noise(), fit.noise(), fit.degrees_of_freedom()};
  const Limits own =
      x > 0
          ? limits_of_steep_row(differences, noise, level)
          : limits_of_mean(differences, {noise.here * noise.here, noise.degrees_of_freedom}, level);
  return combine(own, seeds, fit, around.vertex, level, {});
}

}  // namespace

std::optional<Rise> rise_above_least(const LossTable& table, const Neighbourhood& around,
                                     std::size_t row, double level, double octaves) {
  if (!around.fit || around.octaves > octaves) return std::nullopt;
  const LocalFit& fit = *around.fit;
  const double x = around.place(table, row);
  const double bias = bias_of_least(fit, around.vertex);
  auto rise = rise_outside(table, around, row, level);
  if (rise) take_bias(*rise, bias);
  if (fit.low() <= x && x <= fit.high()) {
    Rise within = rise_within(fit, x, level);
    take_bias(within, bias);
    if (rise && x > 0) {
      within.low = std::max(within.low, rise->low);
      within.high = std::max(within.high, rise->high);
    }
    return within;
  }
  if (!rise) return std::nullopt;
  Rise edge = rise_within(fit, x < 0 ? fit.low() : fit.high(), level);
  take_bias(edge, bias);
  rise->low = std::max(rise->low, edge.low);
  rise->high = std::max(rise->high, rise->low);
  return rise;
}

std::optional<Rise> excess_above_least(const Neighbourhood& around, const SeedLosses& losses,
                                       double level, double octaves) {
  if (!around.fit || around.octaves > octaves) return std::nullopt;
  const LocalFit& fit = *around.fit;
  const auto [differences, seeds] = excess_of(losses, fit, around.vertex);
  if (seeds.size() < 2) return std::nullopt;
  const Spread near{fit.noise() * fit.noise(), fit.degrees_of_freedom()};
  const Limits own = limits_of_mean(differences, near, level);
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  Rise rise = combine(own, seeds, fit, around.vertex, level, {kNone, kNone, kNone});
  const double bias = bias_of_least(fit, around.vertex);
  rise.estimate -= bias;
  rise.low -= bias;
  return rise;
}

}  // namespace etalon

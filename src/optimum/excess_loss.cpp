// How the excess is estimated. With g the loss, the excess at x is the greatest g(x) − g(v) over
// all v. Its limits are the greatest lower and the greatest upper limit of these differences: the
// upper one is as honest as that of the one v where the loss is truly least, and that v need not be
// known; the lower one never falls below 0, which v = x gives. Both also follow from the profile
// likelihood.
//
// Rows that entered the fit take both losses from the fit, and so use all its observations. Other
// rows are steep or far away: their losses are compared with the fitted losses of the same seeds,
// or, where a seed is not known, with that of the fit through all such runs.
// Their differences spread about as much as they rise, and are skewed; so their mean is bounded on
// the scale asinh(difference · kNoiseGrowth / s), s being the noise near the least, on which noise
// that grows as the root of s² + (kNoiseGrowth · difference)² is even: linear near the noise,
// logarithmic above it. The limits of the row and of the fit are combined by MOVER (Zou and Donner
// 2008). Lastly the loss is unimodal: beyond the fit it rises at least as much as at its edge.
#include "optimum/excess_loss.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "optimum/student_interval.hpp"

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

void take_bias(ExcessLoss& excess, double bias) {
  excess.estimate = std::max(0.0, excess.estimate - bias);
  excess.low = std::max(0.0, excess.low - bias);
}

ExcessLoss excess_within(const LocalFit& fit, double x, double level) {
  const double quantile = student_quantile(fit.degrees_of_freedom(), level);
  ExcessLoss excess;
  scan(fit, [&](double v) {
    const double difference = fit.difference(v, x);
    const double margin = quantile * fit.difference_deviation(v, x);
    excess.estimate = std::max(excess.estimate, difference);
    excess.low = std::max(excess.low, difference - margin);
    excess.high = std::max(excess.high, difference + margin);
  });
  return excess;
}

// Noise of losses at one place: its own deviation there, and the deviation near the least.
struct Noise {
  double here = 0.0, least = 0.0;
  double degrees_of_freedom = 0.0;
};

// As `mean_interval`, for the differences of one row above the best, whose noise may grow with
// them: then the limits come from the evened scale as well.
MeanInterval interval_of_steep_row(const std::vector<double>& differences, const Noise& noise,
                                   double level) {
  const VarianceEstimate near{noise.here * noise.here, noise.degrees_of_freedom};
  const MeanInterval plain = mean_interval(differences, near, level);
  const bool noisier = is_greater(variance_of(differences), near);
  if (noise.least <= 0 || (!noisier && noise.here <= noise.least)) return plain;
  const double scale = kNoiseGrowth / noise.least;
  std::vector<double> evened;
  evened.reserve(differences.size());
  for (const double difference : differences) evened.push_back(std::asinh(scale * difference));
  const VarianceEstimate even{kNoiseGrowth * kNoiseGrowth, noise.degrees_of_freedom};
  const double low = std::sinh(mean_interval(evened, even, level).low) / scale;
  const double high = std::sinh(mean_interval(evened, even, level, Pooling::always).high) / scale;
  return {plain.mean, noisier ? std::min(plain.mean, low) : plain.low, std::max(plain.high, high)};
}

// Losses that are not in the fit, as differences from the fitted least with the same offset.
struct FitDifferences {
  std::vector<double> differences;
  std::vector<std::size_t> offsets;

  void add(double loss, std::size_t offset, const LocalFit& fit, double vertex) {
    const auto least = fit.level(offset, vertex);
    if (!least) return;
    differences.push_back(loss - *least);
    offsets.push_back(offset);
  }
};

// `own` against every place of the fit; nothing falls below `excess`.
ExcessLoss combine(const MeanInterval& own, const std::vector<std::size_t>& offsets,
                   const LocalFit& fit, double vertex, double level, ExcessLoss excess) {
  const double quantile = student_quantile(fit.degrees_of_freedom(), level);
  const LocalFit::MeanLevel least = fit.mean_level(offsets);
  scan(fit, [&](double v) {
    const double difference = own.mean + fit.difference(v, vertex);
    const double margin = quantile * fit.deviation(least, v);
    excess.estimate = std::max(excess.estimate, difference);
    excess.low = std::max(excess.low, difference - std::hypot(own.mean - own.low, margin));
    excess.high = std::max(excess.high, difference + std::hypot(own.high - own.mean, margin));
  });
  return excess;
}

std::optional<ExcessLoss> excess_outside(const LossTable& table, const FitAroundBest& around,
                                         std::size_t row, double level) {
  const LocalFit& fit = *around.fit;
  FitDifferences pairs;
  for (const LossTable::Cell& cell : table.cells(row)) {
    pairs.add(cell.loss, table.offset(cell.column), fit, around.vertex);
  }
  const std::vector<double>& differences = pairs.differences;
  if (differences.size() < 2) return std::nullopt;
  const double x = around.place(table, row);
  const bool within = fit.low() <= x && x <= fit.high();
  const Noise noise{within ? fit.noise_at(x) : fit.noise(), fit.noise(), fit.degrees_of_freedom()};
  const MeanInterval own =
      x > 0
          ? interval_of_steep_row(differences, noise, level)
          : mean_interval(differences, {noise.here * noise.here, noise.degrees_of_freedom}, level);
  return combine(own, pairs.offsets, fit, around.vertex, level, {});
}

}  // namespace

std::optional<ExcessLoss> excess_of_row(const LossTable& table, const FitAroundBest& around,
                                        std::size_t row, double level, double octaves) {
  if (!around.fit || around.octaves > octaves) return std::nullopt;
  const LocalFit& fit = *around.fit;
  const double x = around.place(table, row);
  const double bias = bias_of_least(fit, around.vertex);
  auto excess = excess_outside(table, around, row, level);
  if (excess) take_bias(*excess, bias);
  if (fit.low() <= x && x <= fit.high()) {
    ExcessLoss within = excess_within(fit, x, level);
    take_bias(within, bias);
    if (excess && x > 0) {
      within.low = std::max(within.low, excess->low);
      within.high = std::max(within.high, excess->high);
    }
    return within;
  }
  if (!excess) return std::nullopt;
  ExcessLoss edge = excess_within(fit, x < 0 ? fit.low() : fit.high(), level);
  take_bias(edge, bias);
  excess->low = std::max(excess->low, edge.low);
  excess->high = std::max(excess->high, excess->low);
  return excess;
}

std::optional<ExcessLoss> excess_of_losses(const FitAroundBest& around, const SeedLosses& losses,
                                           double level, double octaves) {
  if (!around.fit || around.octaves > octaves) return std::nullopt;
  const LocalFit& fit = *around.fit;
  FitDifferences pairs;
  for (std::size_t seed = 0; seed < losses.size(); ++seed) {
    if (losses[seed]) pairs.add(*losses[seed], seed, fit, around.vertex);
  }
  if (pairs.differences.size() < 2) return std::nullopt;
  const VarianceEstimate near{fit.noise() * fit.noise(), fit.degrees_of_freedom()};
  const MeanInterval own = mean_interval(pairs.differences, near, level);
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  ExcessLoss excess = combine(own, pairs.offsets, fit, around.vertex, level, {kNone, kNone, kNone});
  const double bias = bias_of_least(fit, around.vertex);
  excess.estimate -= bias;
  excess.low -= bias;
  return excess;
}

}  // namespace etalon

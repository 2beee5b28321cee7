#include "law/surface_held_out.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

#include "surface/fitted_surface.hpp"

namespace etalon {
namespace {

// Enough to place one optimum; far fewer than a forecast takes, and so few that a second chain's
// warm-up would cost as much as its draws.
constexpr SamplingOptions kEvidenceSampling = {.chains = 1, .draws_per_chain = 60, .seed = 1};
// Of ln η*: what the grid of learning rates blurs.
constexpr double kGridDeviation = 0.1;

std::vector<Observation> runs_below(std::span<const Observation> observations, double log_b) {
  std::vector<Observation> result;
  for (const Observation& run : observations) {
    if (std::log(run.batch_size) < log_b - 1e-9) result.push_back(run);
  }
  return result;
}

bool has_loss(const std::vector<Observation>& runs) {
  return std::any_of(runs.begin(), runs.end(),
                     [](const Observation& run) { return run.loss && std::isfinite(*run.loss); });
}

double density(const OptimumPoint& point, double log_lr) {
  const double variance = point.variance + kGridDeviation * kGridDeviation;
  const double z = (point.log_lr - log_lr) / std::sqrt(variance);
  if (point.censored == Censoring::none) {
    return std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi * variance);
  }
  const double inside = point.censored == Censoring::below ? z : -z;
  return 0.5 * std::erfc(-inside / std::sqrt(2.0));
}

}  // namespace

double surface_log_held_out(std::span<const Observation> observations,
                            std::span<const OptimumPoint> points, const AdviceOptions& options) {
  double total = 0.0;
  std::optional<MisfitModel> misfit;  // as the fewest runs have it
  for (std::size_t i = first_held_out(points.size()); i < points.size(); ++i) {
    const OptimumPoint& point = points[i];
    const std::vector<Observation> known = runs_below(observations, point.log_batch_size);
    if (!has_loss(known)) continue;
    SamplingOptions sampling = kEvidenceSampling;
    sampling.seed = options.seed;
    const FittedSurface surface(known, options.update, sampling, misfit ? &*misfit : nullptr);
    misfit = surface.misfit();
    const std::vector<double> log_lrs = surface.draw_optima(std::exp(point.log_batch_size));
    double mean = 0.0;
    for (const double log_lr : log_lrs) {
      mean += density(point, log_lr) / static_cast<double>(log_lrs.size());
    }
    total += std::log(mean + 1e-9);
  }
  return total;
}

}  // namespace etalon

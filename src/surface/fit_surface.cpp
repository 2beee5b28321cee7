// How large the noise and the discrepancy of a sweep are: greatest evidence over a grid.
#include <cmath>
#include <optional>
#include <utility>

#include "surface/surface_posterior.hpp"

namespace etalon {
namespace {

constexpr double kNoises[] = {0.08, 0.15, 0.3};
constexpr double kDiscrepancies[] = {0.2, 0.4, 0.8, 1.6};

// Broad priors of the two logarithms, around what replicated trainings show: runs differ by a
// fraction of the rise at one octave, and so do smooth forms from measured curves.
double log_prior(const MisfitModel& misfit) {
  const double noise = std::log(misfit.noise / 0.15) / 0.6;
  const double discrepancy = std::log(misfit.discrepancy / 0.5) / 0.8;
  return -0.5 * (noise * noise + discrepancy * discrepancy);
}

}  // namespace

SurfacePosterior fit_surface(const StandardizedSweep& sweep, UpdateKind kind,
                             const SamplingOptions& options, const MisfitModel* known) {
  SurfacePosterior best(sweep, kind, known ? *known : MisfitModel{});
  if (known) {
    best.draw(options);
    return best;
  }
  std::optional<double> greatest;
  const SurfacePosterior::Parameters start = best.mode();
  for (const double noise : kNoises) {
    for (const double discrepancy : kDiscrepancies) {
      MisfitModel misfit;
      misfit.noise = noise;
      misfit.discrepancy = discrepancy;
      SurfacePosterior candidate(sweep, kind, misfit, &start);
      const double score = candidate.log_evidence() + log_prior(misfit);
      if (greatest && score <= *greatest) continue;
      greatest = score;
      best = std::move(candidate);
    }
  }
  best.draw(options);
  return best;
}

}  // namespace etalon

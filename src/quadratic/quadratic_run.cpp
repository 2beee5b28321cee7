#include "quadratic/quadratic_run.hpp"

#include <fmt/format.h>

#include <cmath>

namespace etalon {
namespace {

// Batch sizes share no noise; learning rates do.
RandomStream noise_of(const TrialSpec& spec) {
  return {spec.seed, fmt::format("gradient noise of a quadratic at B={}", spec.batch_size)};
}

}  // namespace

QuadraticRun::QuadraticRun(const NoisyQuadratic& model, const TrialSpec& spec, double momentum)
    : model_(model), lr_(spec.lr), momentum_(momentum), noise_(noise_of(spec)) {
  for (const QuadraticCoordinate& each : model.coordinates()) {
    deviations_.push_back(std::sqrt(each.variance / static_cast<double>(spec.batch_size)));
    positions_.push_back(std::sqrt(each.start));
  }
  velocities_.resize(positions_.size());
}

void QuadraticRun::step() {
  const auto coordinates = model_.coordinates();
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    const double gradient =
        coordinates[i].curvature * positions_[i] + deviations_[i] * noise_.normal();
    velocities_[i] = momentum_ * velocities_[i] + gradient;
    positions_[i] -= lr_ * velocities_[i];
  }
  ++steps_;
}

double QuadraticRun::loss() const {
  double sum = 0.0;
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    sum += 0.5 * model_.coordinates()[i].curvature * positions_[i] * positions_[i];
  }
  return sum;
}

}  // namespace etalon

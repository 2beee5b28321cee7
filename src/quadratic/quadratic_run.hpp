// One training on a noisy quadratic, update by update; for one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "core/random.hpp"
#include "etalon/quadratic.hpp"
#include "etalon/trial.hpp"

namespace etalon {

class QuadraticRun {
 public:
  // At the start, θ_i = √A0_i. `model` must outlive it.
  QuadraticRun(const NoisyQuadratic& model, const TrialSpec& spec, double momentum);

  void step();
  std::int64_t steps() const { return steps_; }
  double loss() const;  // ½ Σ hθ², here and now; not finite once it has left the numbers

 private:
  const NoisyQuadratic& model_;
  const double lr_, momentum_;
  std::vector<double> deviations_;  // √(c/B) of each coordinate's gradient
  std::vector<double> positions_;   // θ
  std::vector<double> velocities_;  // m
  RandomStream noise_;
  std::int64_t steps_ = 0;
};

}  // namespace etalon

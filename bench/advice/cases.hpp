// What a method is asked: runs at some batch sizes are known, name η at another one.
//
// Extrapolate: all batch sizes up to a quarter of B' are known, at least two. Single: one of those.
// Interpolate: all but B' are, which lies between them. A batch size counts where five or more
// learning rates gave a loss. What is known may be thinned, as people's sweeps are; the truth never
// is.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "advice/loss_curve.hpp"
#include "advice/setting.hpp"

namespace etalon::bench {

struct Case {
  const Setting* setting = nullptr;
  Runs known;
  double target = 0.0;
  LossCurve truth;  // at the target
};

// `thin` N > 1: only every N-th learning rate of a batch size is known, with one seed.
std::vector<Case> extrapolation_cases(std::span<const Setting> settings, int thin);
std::vector<Case> single_cases(std::span<const Setting> settings, int thin);
std::vector<Case> interpolation_cases(std::span<const Setting> settings, int thin);

// The runs of one batch size at every `thin`-th learning rate, one run each.
std::vector<Observation> thinned(const std::vector<Observation>& runs, int thin);

}  // namespace etalon::bench

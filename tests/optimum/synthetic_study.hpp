// Losses like those of a study at one batch size, with known optimum: a lattice of half-octaves,
// common random numbers within a seed, and a surface of choice.
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "etalon/trial.hpp"

namespace etalon::testing {

struct SyntheticStudy {
  std::function<double(double lr)> loss;  // expected loss
  double center = 0.1;                    // of the lattice
  int seeds = 3;
  double seed_deviation = 0.01;       // of the offset that a seed adds to all its losses
  double residual_deviation = 0.003;  // of a single loss
  // Of the slope in ln lr that a seed adds, as if every seed had an optimum of its own.
  double slope_deviation = 0.0;
  // Grows the residual by this factor per octave away from `center`.
  double spread_per_octave = 1.0;

  double draw(double lr, double offset, double slope, RandomStream& stream) const {
    const double octaves = std::log2(lr / center);
    return loss(lr) + offset + slope * std::log(lr / center) +
           residual_deviation * std::pow(spread_per_octave, std::abs(octaves)) * stream.normal();
  }

  // What each seed adds to all its losses, and to their slope.
  struct SeedEffects {
    std::vector<double> offsets, slopes;
  };
  SeedEffects draw_effects(RandomStream& stream) const {
    SeedEffects effects;
    for (int seed = 0; seed < seeds; ++seed) {
      effects.offsets.push_back(seed_deviation * stream.normal());
      effects.slopes.push_back(slope_deviation * stream.normal());
    }
    return effects;
  }

  std::vector<Observation> run(RandomStream& stream, int replicated = 2) const {
    return run(draw_effects(stream), stream, replicated);
  }

  // What a planner would run: octaves over six octaves on the first seed, then every half-octave
  // within `replicated` half-octaves of the first seed's best on every seed.
  std::vector<Observation> run(const SeedEffects& effects, RandomStream& stream,
                               int replicated) const {
    std::vector<Observation> observations;
    const auto add = [&](int step, int seed) {
      const double lr = center * std::exp2(0.5 * step);
      const auto s = static_cast<std::size_t>(seed);
      const double value = draw(lr, effects.offsets[s], effects.slopes[s], stream);
      observations.push_back(
          {32.0, lr, s + 1, std::isfinite(value) ? std::optional(value) : std::nullopt});
      return value;
    };
    int best = 0;
    double least = 1e300;
    for (int step = -6; step <= 6; step += 2) {
      const double value = add(step, 0);
      if (value < least) {
        least = value;
        best = step;
      }
    }
    for (int step = best - replicated; step <= best + replicated; ++step) {
      for (int seed = 0; seed < seeds; ++seed) {
        if (seed == 0 && step % 2 == 0 && std::abs(step) <= 6) continue;
        add(step, seed);
      }
    }
    return observations;
  }
};

}  // namespace etalon::testing

// How much of the scatter of losses their seeds explain: what is gained by giving every learning
// rate the same seeds.
//
// Near the best of each batch size a loss is taken as that of its learning rate, plus what its seed
// adds to all of them, plus a remainder (a two-way analysis of variance without interaction; cells
// may be missing). Runs without a seed, and diverged ones, say nothing of it. Pure functions; safe
// from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "etalon/trial.hpp"

namespace etalon {

struct SeedEffect {
  double between = 0.0;    // standard deviation of what a seed adds, >= 0
  double within = 0.0;     // standard deviation of the remainder of one loss, >= 0
  double p_value = 1.0;    // of the F test that seeds add nothing, in [0, 1]
  std::int64_t seeds = 0;  // that share learning rates, summed over batch sizes

  // Whether seeds move the loss beyond doubt, and by more than all else that is random.
  bool is_strong() const;
  std::string text() const;  // a sentence that says how much, and what follows
};

// Over all batch sizes together. Empty where no remainder is left to compare with: fewer than two
// seeds share two learning rates within an octave and a half of the best. Throws InputError for
// what bounds.hpp refuses.
std::optional<SeedEffect> find_seed_effect(std::span<const Observation> observations);

}  // namespace etalon

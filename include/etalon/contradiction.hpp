// Divergences that other runs at the same batch size contradict, and those that stand alone.
//
// The more a learning rate exceeds the largest stable one, the worse it does; so where one diverged
// and a higher one ended well, one of the two was mistaken, crashed, or met a training that is
// unstable by chance. The runs do not tell which. A divergence that is contradicted is not taken
// for a bound by any estimate: one good run above it shows that its learning rate can be trained
// with. Pure functions; safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "etalon/trial.hpp"

namespace etalon {

struct Contradiction {
  double batch_size = 0.0;
  double diverged_lr = 0.0;
  std::int64_t diverged = 0, runs = 0;  // how many of the runs at `diverged_lr` diverged
  double finished_lr = 0.0;             // the lowest learning rate above it that ended well
  double loss = 0.0;                    // the mean loss there

  std::string finding() const;  // a clause that says what was found
  std::string text() const;     // a sentence that says that and what to run
};

// By ascending batch size and learning rate. A learning rate ended well if none of its runs
// diverged and its mean loss lies in the lowest quarter of the range of losses at its batch size;
// or in the lower half, and no higher than that of the highest finished learning rate below the
// divergence, if there is one: a network that is dead rather than diverged does not.
std::vector<Contradiction> find_contradictions(std::span<const Observation> observations);

// The observations, in their order, less all runs at learning rates whose divergence is
// contradicted.
std::vector<Observation> without_contradictions(std::span<const Observation> observations);

// A batch size of which no learning rate is known to end: none was run below the lowest that
// diverged and is not contradicted.
struct BareDivergence {
  double batch_size = 0.0;
  double lr = 0.0;  // the lowest that diverged

  std::string text() const;  // a sentence that says so and what to run
};

// By ascending batch size.
std::vector<BareDivergence> find_bare_divergences(std::span<const Observation> observations);

}  // namespace etalon

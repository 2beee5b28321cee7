// Where trainings diverge: the learning rate above which they do, as a power of the batch size.
//
// With u = ln B/B_ref and v = ln η/η_ref as in a Sweep, a batch size diverges above
// v = a + s·u + a normal deviate. Stability on a quadratic bounds η whatever B is (s = 0; Cohen et
// al. 2021, arXiv 2103.00065); gradient noise lowers the bound at small B, by up to the noise's own
// scaling (s = 1 under SGD, 1/2 under sign-like updates). Each batch size says between which two
// learning rates its limit lies, or only that it lies above one. Immutable; safe from any thread.
#pragma once

#include <vector>

#include "etalon/advice.hpp"
#include "law/sweep.hpp"

namespace etalon {

class DivergenceLimit {
 public:
  DivergenceLimit(const Sweep& sweep, UpdateKind kind);

  // That a training at (u, v) diverges, in [0, 1]; 0 where no run of the sweep did.
  double probability(double u, double v) const;

 private:
  struct Line {
    double intercept, slope, weight;
  };
  std::vector<Line> lines_;  // weights sum to 1
};

}  // namespace etalon

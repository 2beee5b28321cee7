// What runs of one seed share besides an offset: a seed that does well at one learning rate does so
// at its neighbours too, as if it had a bowl of its own. So of a run's noise a part belongs to its
// seed and is alike along ln η, and does not average out over learning rates. How large that part
// is, replicates that share seeds tell. Pure.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "optimum/loss_table.hpp"

namespace etalon {

// The part of the variance that may be the seed's.
inline constexpr std::array kSeedShares = {0.0, 0.4, 0.75, 0.92};

// The median deviation of one seed's own optimum from that of all, in ln η, before replicates tell:
// this many times that of a run over the second derivative of the bowl.
inline constexpr double kSeedShift = 0.3;

// Of a seed's part at two places `apart` in ln η.
double seed_correlation(double apart);

// Per excess above the optimum, in squares beside σ: how much noisier runs are there, where no
// replicates tell.
inline constexpr double kUsualGrowth = 0.15;

// What replicates say of the deviation σ of a run, for each share: the logarithm of its likelihood
// is −degrees·ln σ − squares/(2σ²) − log_determinant/2.
struct ReplicateEvidence {
  double degrees = 0.0;
  double growth = kUsualGrowth;
  // Of a seed's own optimum about that of all, in ln η: the expected square, where a run's
  // deviation over the second derivative of the bowl is 1. 0 where no replicates tell.
  double squared_shift = 0.0;
  std::array<double, kSeedShares.size()> squares{}, log_determinants{};

  // Of a single run, by the scatter as it is; only where there are degrees.
  double variance() const { return squares[0] / degrees; }
};

// Of the rows near the best, what is expected at them and what seeds add to all being taken out.
ReplicateEvidence replicate_evidence(const LossTable& table);

}  // namespace etalon

// Which learning rate to try next at a batch size that a loss surface says something of. A pure
// function; safe from any thread.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "etalon/advice.hpp"
#include "plan/known_runs.hpp"

namespace etalon {

struct Exploration {
  double lr = 0.0;     // of three significant digits
  std::string reason;  // one clause
};

// Where learning rates are near enough to the optimum to be worth a run: half an octave beyond its
// interval, and below what diverged.
struct WorthTrying {
  double low = 0.0, high = 0.0;
  bool holds(double lr) const { return low < lr && lr < high; }
};
WorthTrying worth_trying(const Forecast& forecast, const KnownRuns& runs);

// A step beyond the best where a side of it is open (gaps.hpp), unless the surface has the optimum
// far from there.
std::optional<Exploration> beyond_edge(const Advisor& advisor, double batch_size,
                                       const KnownRuns& runs);

// Below a divergence that has nothing below it; else the middle of the gap to a divergence next to
// the best; else the learning rate of least expected loss of those not tried, or the middle of the
// widest gap, as far as they are worth a run. Nothing where nothing is left. `pending` are learning
// rates under way. A divergence that has nothing below it may leave no valid learning rate: then
// what is returned lies at or above it.
std::optional<Exploration> explore(const Advisor& advisor, double batch_size, const KnownRuns& runs,
                                   std::span<const double> pending);

}  // namespace etalon

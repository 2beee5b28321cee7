// Where the learning rates of one batch size leave a gap about their best, and what closes it. Pure
// functions; safe from any thread.
#pragma once

#include <optional>

#include "plan/known_runs.hpp"

namespace etalon {

// In octaves: gaps between learning rates are halved down to half of this.
inline constexpr double kNarrowestGap = 0.5;

// On which sides the best is the outermost that was run, so that nothing bounds the optimum.
struct OpenSides {
  bool below = false, above = false;
};
OpenSides open_sides(const KnownRuns& runs);

// An octave beyond the best where one of its sides is open and nothing is under way there. Nothing
// where a single learning rate was run: that has no sides yet.
std::optional<double> step_out(const KnownRuns& runs);

// Whether the best is the greatest that finished, below a divergence.
bool is_below_divergence(const KnownRuns& runs);
// Whether nothing was run, nor is under way, below the lowest that diverged.
bool is_bare(const KnownRuns& runs);

// The middle between the best and a divergence, where that is next above it, nothing is under way
// in between and the gap is wider than `narrowest` octaves: next to a cliff the best may lie just
// below it.
std::optional<double> below_divergence(const KnownRuns& runs, double narrowest);

// The middle of the widest gap between neighbours taken, of those wider than `narrowest` octaves
// whose middle lies in (low, high).
std::optional<double> widest_gap(const KnownRuns& runs, double low, double high, double narrowest);

}  // namespace etalon

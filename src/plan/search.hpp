// The search for the optimum at one batch size on a lattice of learning rates, in rounds: what may
// be run side by side next.
//
// A pure function of what has been run. It climbs in octaves with the first seed until the best is
// interior (what has a loss half an octave beyond serves as well), tries the half-octaves beside
// it, then replicates the best and its neighbours, and then those beyond; whenever the best moves,
// it does what is missing around the new one. A learning rate that diverged is not replicated, and
// none at or above it is tried; unless a good run above contradicts it (contradiction.hpp): then it
// bounds nothing, and within an octave of the best the other seeds are asked which is right. Where
// the next half-octave above the best diverged, the best can lie close below that: the gap is
// halved down to an eighth of an octave. Where the first seed failed to run, the next one takes its
// place; a learning rate at which every seed failed is passed over.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "etalon/trial.hpp"
#include "plan/lattice.hpp"
#include "plan/run_point.hpp"

namespace etalon {

// What has been run at the batch size: what it gave, and what failed.
struct SearchHistory {
  std::vector<Observation> observations;
  std::vector<RunPoint> failed{};
};

struct SearchOptions {
  Lattice lattice;
  std::uint64_t first_seed = 1;
  std::int64_t seeds = 3;  // that may be tried where the first fails
  // The first seed's octaves reach at least this far to either side of the best; no octave is run
  // where something has a loss up to half an octave beyond it.
  int octaves_around_best = 1;
  // The search ends this far from the centre of the lattice; an optimum beyond is left censored.
  int limit_octaves = 16;
  // How far from the best, in half-octaves, learning rates are replicated, from the inside out, and
  // with how many of the seeds.
  int replicated_half_octaves = 2;
  std::int64_t replicates = 3;
};

// The first seed at each of `lrs` that the search may try; where that leaves none, what the search
// would do without them.
std::vector<RunPoint> begin_search(const SearchHistory& history, std::span<const double> lrs,
                                   const SearchOptions& options);

// Empty when the search is over. Without observations, it starts with octaves about the centre.
std::vector<RunPoint> next_of_search(const SearchHistory& history, const SearchOptions& options);

}  // namespace etalon

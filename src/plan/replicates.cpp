#include "plan/replicates.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace etalon {
namespace {

// Octaves, with room for rounding to three digits.
constexpr double kRoom = 0.07;
// One divergence and one good run are one against one.
constexpr std::int64_t kLeastToSettle = 2;

bool is_within(double a, double b, double octaves) {
  return std::abs(std::log2(a / b)) <= octaves + kRoom;
}

// Walks away from the best as long as there are losses near enough.
template <typename Place>
void walk(const KnownRuns& runs, Place place, Place end, double octaves, int most,
          std::vector<double>& lrs) {
  for (; place != end && most > 0; ++place, --most) {
    if (!is_within(place->first, *runs.best(), octaves)) return;
    if (std::isfinite(place->second)) lrs.push_back(place->first);
  }
}

}  // namespace

std::vector<RunPoint> missing_seeds(const KnownRuns& runs, const std::vector<double>& lrs,
                                    const SeedRange& seeds) {
  std::vector<RunPoint> missing;
  for (const double lr : lrs) {
    for (std::int64_t i = 0; i < seeds.count; ++i) {
      const RunPoint run{lr, seeds.first + static_cast<std::uint64_t>(i)};
      if (!runs.is_taken(run)) missing.push_back(run);
    }
  }
  return missing;
}

bool is_bracketed(const KnownRuns& runs, double octaves) {
  if (!runs.best()) return false;
  const auto best = runs.losses().find(*runs.best()), above = std::next(best);
  if (best == runs.losses().begin() || above == runs.losses().end()) return false;
  return is_within(std::prev(best)->first, best->first, octaves) &&
         is_within(above->first, best->first, octaves);
}

std::vector<double> around_best(const KnownRuns& runs, double octaves, int per_side) {
  if (!runs.best()) return {};
  std::vector<double> lrs{*runs.best()};
  const auto best = runs.losses().find(*runs.best());
  walk(runs, std::make_reverse_iterator(best), runs.losses().rend(), octaves, per_side, lrs);
  walk(runs, std::next(best), runs.losses().end(), octaves, per_side, lrs);
  return lrs;
}

std::vector<RunPoint> to_settle(const KnownRuns& runs, const SeedRange& seeds, double octaves) {
  std::vector<RunPoint> all;
  const std::int64_t wanted = std::max(seeds.count, kLeastToSettle);
  for (const Contradiction& found : runs.contradictions()) {
    const double lr = found.diverged_lr;
    if (!runs.best() || !is_within(lr, *runs.best(), octaves)) continue;
    std::int64_t runs_there = runs.count(lr);
    for (RunPoint run{lr, seeds.first}; runs_there < wanted; ++run.seed) {
      if (runs.is_taken(run)) continue;
      all.push_back(run);
      ++runs_there;
    }
  }
  return all;
}

}  // namespace etalon

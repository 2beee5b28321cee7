#include "plan/gaps.hpp"

#include <cmath>
#include <iterator>
#include <limits>

namespace etalon {
namespace {

constexpr double kStepOut = 2.0;
constexpr double kAnywhere = std::numeric_limits<double>::infinity();

double middle_of(double low, double high) { return std::sqrt(low * high); }

}  // namespace

OpenSides open_sides(const KnownRuns& runs) {
  if (!runs.best()) return {};
  return {runs.losses().begin()->second == runs.least(),
          runs.losses().rbegin()->second == runs.least()};
}

std::optional<double> step_out(const KnownRuns& runs) {
  const OpenSides open = open_sides(runs);
  if (open.below == open.above) return std::nullopt;
  const double best = *runs.best();
  if (open.below) {
    return runs.is_any_between(0.0, best) ? std::nullopt : std::optional(best / kStepOut);
  }
  return runs.is_any_between(best, kAnywhere) ? std::nullopt : std::optional(best * kStepOut);
}

bool is_below_divergence(const KnownRuns& runs) {
  const double ceiling = runs.ceiling();
  return runs.best() && std::isfinite(ceiling) && *runs.best() < ceiling &&
         *runs.best() == runs.highest();
}

bool is_bare(const KnownRuns& runs) {
  return !runs.counts().empty() && runs.counts().begin()->first >= runs.ceiling();
}

std::optional<double> below_divergence(const KnownRuns& runs, double narrowest) {
  if (!is_below_divergence(runs)) return std::nullopt;
  const double best = *runs.best(), ceiling = runs.ceiling();
  if (runs.is_any_between(best, ceiling)) return std::nullopt;
  if (std::log2(ceiling / best) <= narrowest) return std::nullopt;
  return middle_of(best, ceiling);
}

std::optional<double> widest_gap(const KnownRuns& runs, double low, double high, double narrowest) {
  std::optional<double> middle;
  const auto& taken = runs.counts();
  if (taken.empty()) return middle;
  for (auto above = std::next(taken.begin()); above != taken.end(); ++above) {
    const double below = std::prev(above)->first, gap = std::log2(above->first / below);
    const double lr = middle_of(below, above->first);
    if (lr <= low || lr >= high || gap <= narrowest) continue;
    narrowest = gap;
    middle = lr;
  }
  return middle;
}

}  // namespace etalon

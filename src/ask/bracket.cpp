#include "ask/bracket.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "ask/runs_at.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "plan/known_runs.hpp"

namespace etalon {
namespace {

// Two octaves first: a fit tells the rise on either side apart from noise, and an optimum between
// the two is not missed.
constexpr double kOctaves[] = {0.0, 2.0,  -2.0, 1.0,  -1.0, 3.0, -3.0,
                               4.0, -4.0, 0.5,  -0.5, 1.5,  -1.5};
// Below the lowest learning rate that diverged, when none has a loss.
constexpr double kRetreat = 8.0;
constexpr double kBelowCeiling = 0.99;  // with room for rounding to three digits

struct Best {
  double lr;
  double loss;
  double distance;  // |ln B/B'|
};

// The best learning rate of the nearest batch size that has a loss, moved by the root rule.
std::optional<double> known_best(std::span<const Observation> known, double batch_size) {
  std::optional<Best> best;
  for (const Observation& run : known) {
    if (run.diverged()) continue;
    const double distance = std::abs(std::log(run.batch_size / batch_size));
    const bool nearer = !best || distance < best->distance;
    if (!nearer && (distance > best->distance || *run.loss >= best->loss)) continue;
    best = {run.lr * std::sqrt(batch_size / run.batch_size), *run.loss, distance};
  }
  if (!best) return std::nullopt;
  return best->lr;
}

// Where a bracket lies at a batch size: around what, and below which divergence.
struct Place {
  double center, ceiling;
};

Place place_of(std::span<const Observation> known, double batch_size, double first_lr) {
  const double ceiling = KnownRuns(runs_at(known, batch_size)).ceiling();
  const double best =
      std::min(known_best(known, batch_size).value_or(first_lr), ceiling / kRetreat);
  return {std::clamp(best, kLeastLr, kGreatestLr), ceiling};
}

// Whether a learning rate between the best and this one is worse than the best: farther on it is
// worse still.
bool is_refused(const std::map<double, double>& losses, double lr) {
  const auto best =
      std::min_element(losses.begin(), losses.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (best == losses.end()) return false;
  return std::any_of(losses.begin(), losses.end(), [&](const auto& other) {
    const bool is_between = (other.first > best->first && other.first < lr) ||
                            (other.first < best->first && other.first > lr);
    return is_between && other.second > best->second;
  });
}

bool is_taken(const std::set<TrialSpec>& taken, const TrialSpec& spec) {
  return std::any_of(taken.begin(), taken.end(), [&](const TrialSpec& run) {
    return run.batch_size == spec.batch_size && run.seed == spec.seed && close_lrs(run.lr, spec.lr);
  });
}

}  // namespace

bool close_lrs(double a, double b) { return std::abs(std::log2(a / b)) < 0.25; }

double below_ceiling(std::int64_t batch_size, double lr, double ceiling) {
  if (lr < kBelowCeiling * ceiling) return rounded_lr(lr);
  throw InputError(
      fmt::format("batch size {} diverged at a learning rate of {}", batch_size, ceiling), "",
      "no lower one is left to suggest");
}

std::optional<TrialSpec> left_of_bracket(std::span<const Observation> known,
                                         const std::set<TrialSpec>& taken, std::int64_t batch_size,
                                         double first_lr, std::uint64_t seed) {
  const auto size = static_cast<double>(batch_size);
  const Place place = place_of(known, size, first_lr);
  const auto losses = KnownRuns(runs_at(known, size)).losses();
  for (const double octaves : kOctaves) {
    const double lr = rounded_lr(place.center * std::exp2(octaves));
    if (lr >= kBelowCeiling * place.ceiling || !is_valid_lr(lr)) continue;
    const TrialSpec spec{batch_size, lr, seed};
    if (!is_refused(losses, lr) && !is_taken(taken, spec)) return spec;
  }
  return std::nullopt;
}

TrialSpec next_of_bracket(std::span<const Observation> known, const std::set<TrialSpec>& taken,
                          std::int64_t batch_size, double first_lr, std::uint64_t first_seed) {
  const Place place = place_of(known, static_cast<double>(batch_size), first_lr);
  below_ceiling(batch_size, place.center, place.ceiling);
  for (std::uint64_t seed = first_seed;; ++seed) {
    if (auto spec = left_of_bracket(known, taken, batch_size, first_lr, seed)) return *spec;
  }
}

}  // namespace etalon

#include "ask/known_losses.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace etalon {

std::map<double, double> mean_losses(std::span<const Observation> known, double batch_size) {
  std::map<double, std::pair<double, int>> sums;
  for (const Observation& run : known) {
    if (run.batch_size != batch_size) continue;
    auto& [sum, runs] = sums[run.lr];
    sum += run.diverged() ? std::numeric_limits<double>::infinity() : *run.loss;
    ++runs;
  }
  std::map<double, double> means;
  for (const auto& [lr, sum] : sums) means[lr] = sum.first / sum.second;
  return means;
}

double divergence_at(std::span<const Observation> known, double batch_size) {
  double lowest = std::numeric_limits<double>::infinity();
  for (const Observation& run : known) {
    if (run.batch_size == batch_size && run.diverged()) lowest = std::min(lowest, run.lr);
  }
  return lowest;
}

std::optional<Safe> below_divergence(std::span<const Observation> known, double batch_size) {
  const double ceiling = divergence_at(known, batch_size);
  std::map<double, double> means = mean_losses(known, batch_size);
  means.erase(means.lower_bound(ceiling), means.end());
  if (std::isinf(ceiling) || means.empty()) return std::nullopt;
  const auto best = std::min_element(
      means.begin(), means.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return Safe{best->first, means.rbegin()->first};
}

std::vector<LossBound> bounds_of(std::span<const TrialSpec> pruned,
                                 std::span<const Observation> known) {
  std::vector<LossBound> bounds;
  for (const TrialSpec& trial : pruned) {
    const auto batch_size = static_cast<double>(trial.batch_size);
    double least = std::numeric_limits<double>::infinity();
    for (const auto& [lr, loss] : mean_losses(known, batch_size)) least = std::min(least, loss);
    if (std::isfinite(least)) bounds.push_back({batch_size, trial.lr, least});
  }
  return bounds;
}

}  // namespace etalon

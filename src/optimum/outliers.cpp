#include "optimum/outliers.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "optimum/robust_scale.hpp"

namespace etalon {
namespace {

// Deviations: ten normal ones are seen never, and twenty of a Student distribution of three degrees
// of freedom once in seven thousand runs.
constexpr double kAbsurd = 20.0;
// Of few replicates nobody can say how far they lie apart.
constexpr std::size_t kLeastReplicates = 5;
constexpr double kNoiseAbove = 0.5;  // per excess above the best, as in excess_loss.cpp
// Of how far the learning rates' middles spread: replicates nearer than this are equal.
constexpr double kEqual = 1e-3;

}  // namespace

std::vector<Observation> without_outliers(std::span<const Observation> observations) {
  std::map<double, std::vector<double>> losses;
  for (const Observation& run : observations) {
    if (!run.diverged()) losses[run.lr].push_back(*run.loss);
  }
  std::map<double, double> middles;
  std::vector<double> apart, all;
  for (const auto& [lr, own] : losses) {
    const double middle = middles[lr] = middle_of(own);
    all.push_back(middle);
    if (own.size() < 2) continue;
    for (const double loss : own) {
      if (loss != middle) apart.push_back(loss - middle);
    }
  }
  std::vector<Observation> kept(observations.begin(), observations.end());
  if (apart.size() < kLeastReplicates) return kept;
  const double least = *std::min_element(all.begin(), all.end());
  const double scale = std::max(robust_deviation(apart), kEqual * (middle_of(all) - least));
  std::erase_if(kept, [&](const Observation& run) {
    if (run.diverged()) return false;
    const double middle = middles.at(run.lr);
    const double usual = std::max(scale, kNoiseAbove * (middle - least));
    return std::abs(*run.loss - middle) > kAbsurd * usual;
  });
  return kept;
}

}  // namespace etalon

#include "ask/nearest_points.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace etalon {
namespace {

using Point = std::pair<double, double>;  // (batch size, learning rate)

// Octaves of the batch size count a third of those of the learning rate.
constexpr double kBatchSizeWeight = 1.0 / 3.0;

// The learning rate of the least loss, or the least one where all diverged, of each batch size.
std::map<double, double> best_lrs(std::span<const Observation> observations) {
  std::map<double, std::pair<double, double>> bests;  // (loss, lr)
  for (const Observation& run : observations) {
    const double loss = run.diverged() ? std::numeric_limits<double>::infinity() : *run.loss;
    const std::pair candidate{loss, run.lr};
    const auto [best, is_new] = bests.try_emplace(run.batch_size, candidate);
    if (!is_new) best->second = std::min(best->second, candidate);
  }
  std::map<double, double> lrs;
  for (const auto& [batch_size, best] : bests) lrs[batch_size] = best.second;
  return lrs;
}

double octaves(double a, double b) { return std::abs(std::log2(a / b)); }

}  // namespace

std::vector<Observation> nearest_points(std::span<const Observation> observations,
                                        std::span<const std::int64_t> batch_sizes,
                                        std::size_t most) {
  std::set<Point> points;
  for (const Observation& run : observations) points.insert({run.batch_size, run.lr});
  if (points.size() <= most) return {observations.begin(), observations.end()};
  const auto bests = best_lrs(observations);
  std::vector<std::pair<double, Point>> ranked;
  for (const Point& point : points) {
    double away = std::numeric_limits<double>::infinity();
    for (const std::int64_t batch_size : batch_sizes) {
      away = std::min(away, octaves(point.first, static_cast<double>(batch_size)));
    }
    ranked.emplace_back(
        std::hypot(kBatchSizeWeight * away, octaves(point.second, bests.at(point.first))), point);
  }
  std::sort(ranked.begin(), ranked.end());
  std::set<Point> kept;
  for (std::size_t i = 0; i < most; ++i) kept.insert(ranked[i].second);
  std::vector<Observation> result;
  std::copy_if(observations.begin(), observations.end(), std::back_inserter(result),
               [&](const Observation& run) {
                 return kept.contains({run.batch_size, run.lr});
               });
  return result;
}

}  // namespace etalon

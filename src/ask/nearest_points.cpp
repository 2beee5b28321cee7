#include "ask/nearest_points.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace etalon {
namespace {

using Point = std::pair<double, double>;  // (batch size, learning rate)

// Octaves of the batch size count a third of those of the learning rate.
constexpr double kBatchSizeWeight = 1.0 / 3.0;

// What is nearer than this is merged: less than the rise over it is lost in the noise of a run.
constexpr double kBinsPerOctave = 8.0;

struct Bin {
  double log_lrs = 0.0, runs = 0.0;
  double least = std::numeric_limits<double>::infinity(), greatest = 0.0;

  void add(double lr) {
    log_lrs += std::log(lr);
    runs += 1.0;
    least = std::min(least, lr);
    greatest = std::max(greatest, lr);
  }
  double mean() const { return std::clamp(std::exp(log_lrs / runs), least, greatest); }
};

// A learning rate of which a run diverged stands for no other.
std::set<Point> diverged_points(std::span<const Observation> observations) {
  std::set<Point> points;
  for (const Observation& run : observations) {
    if (run.diverged()) points.insert({run.batch_size, run.lr});
  }
  return points;
}

// The observations, in their order, at the mean learning rate of their bin; those that diverged at
// the least of theirs. The luckiest of many runs that are close together says little of where the
// optimum is, their mean much.
std::vector<Observation> in_bins(std::span<const Observation> observations) {
  const std::set<Point> diverged = diverged_points(observations);
  const auto key = [&](const Observation& run) {
    return std::tuple(run.batch_size, std::round(kBinsPerOctave * std::log2(run.lr)),
                      diverged.contains({run.batch_size, run.lr}));
  };
  std::map<std::tuple<double, double, bool>, Bin> bins;
  for (const Observation& run : observations) bins[key(run)].add(run.lr);
  std::vector<Observation> binned(observations.begin(), observations.end());
  for (Observation& run : binned) {
    const auto where = key(run);
    const Bin& bin = bins.at(where);
    run.lr = std::get<bool>(where) ? bin.least : bin.mean();
  }
  return binned;
}

// Of the points: infinite where a run diverged.
std::map<Point, double> mean_losses(std::span<const Observation> observations) {
  std::map<Point, std::pair<double, double>> sums;
  for (const Observation& run : observations) {
    auto& [sum, runs] = sums[{run.batch_size, run.lr}];
    sum += run.diverged() ? std::numeric_limits<double>::infinity() : *run.loss;
    runs += 1.0;
  }
  std::map<Point, double> means;
  for (const auto& [point, sum] : sums) means[point] = sum.first / sum.second;
  return means;
}

// The learning rate of the least mean loss, or the least one where all diverged, of each batch
// size.
std::map<double, double> best_lrs(const std::map<Point, double>& losses) {
  std::map<double, std::pair<double, double>> bests;  // (loss, lr)
  for (const auto& [point, loss] : losses) {
    const std::pair candidate{loss, point.second};
    const auto [best, is_new] = bests.try_emplace(point.first, candidate);
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
  const std::map<Point, double> points = mean_losses(observations);
  if (points.size() <= most) return {observations.begin(), observations.end()};
  const std::vector<Observation> binned = in_bins(observations);
  const std::map<Point, double> losses = mean_losses(binned);
  const auto bests = best_lrs(losses);
  std::vector<std::pair<double, Point>> ranked;
  for (const auto& [point, loss] : losses) {
    double away = std::numeric_limits<double>::infinity();
    for (const std::int64_t batch_size : batch_sizes) {
      away = std::min(away, octaves(point.first, static_cast<double>(batch_size)));
    }
    ranked.emplace_back(
        std::hypot(kBatchSizeWeight * away, octaves(point.second, bests.at(point.first))), point);
  }
  std::sort(ranked.begin(), ranked.end());
  std::set<Point> kept;
  for (std::size_t i = 0; i < std::min(most, ranked.size()); ++i) kept.insert(ranked[i].second);
  std::vector<Observation> result;
  std::copy_if(binned.begin(), binned.end(), std::back_inserter(result),
               [&](const Observation& run) {
                 return kept.contains({run.batch_size, run.lr});
               });
  return result;
}

}  // namespace etalon

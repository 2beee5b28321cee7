#include "surface/standardized_sweep.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <utility>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

// Within this distance of the best learning rate the loss is taken as a parabola, for its scale.
constexpr double kScaleOctaves = 2.2;
// A fit takes time with the square of this; more points than this say little more.
constexpr std::size_t kMostPoints = 200;
// A batch size whose best lies this much farther above the least than a loss is explained above the
// best says nothing by its level: all that was run there was lost.
constexpr double kExplainedLevel = 2.0 * kExplainedExcess;
// Of the largest of the best losses, that their scale is at least: below, rises are rounding.
constexpr double kLeastScale = 1e-12;

struct Cell {
  double sum = 0.0;
  double runs = 0.0;
  bool diverged = false;
  double mean() const { return sum / runs; }
};

using Cells = std::map<std::pair<double, double>, Cell>;    // by (batch size, lr)
using Bests = std::map<double, std::pair<double, double>>;  // batch size -> (least loss, its lr)

Cells gather(std::span<const Observation> observations) {
  Cells cells;
  for (const Observation& observation : observations) {
    Cell& cell = cells[{observation.batch_size, observation.lr}];
    if (observation.diverged()) {
      cell.diverged = true;
      continue;
    }
    cell.sum += *observation.loss;
    cell.runs += 1.0;
  }
  return cells;
}

bool usable(const Cell& cell) { return !cell.diverged && cell.runs > 0.0; }

Bests find_bests(const Cells& cells) {
  Bests bests;
  for (const auto& [key, cell] : cells) {
    if (!usable(cell)) continue;
    const auto [best, is_new] = bests.try_emplace(key.first, cell.mean(), key.second);
    if (!is_new && cell.mean() < best->second.first) best->second = {cell.mean(), key.second};
  }
  return bests;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The median over points of excess / octaves², or the loss's own size where nothing rises.
double find_scale(const Cells& cells, const Bests& bests) {
  std::vector<double> rises;
  double largest = 0.0, largest_best = 0.0;
  for (const auto& [batch_size, best] : bests) {
    largest_best = std::max(largest_best, std::abs(best.first));
  }
  for (const auto& [key, cell] : cells) {
    if (!usable(cell)) continue;
    const auto& [least, best_lr] = bests.at(key.first);
    const double octaves = std::abs(std::log2(key.second / best_lr));
    const double excess = cell.mean() - least;
    largest = std::max(largest, std::abs(cell.mean()));
    if (octaves > 0.1 && octaves <= kScaleOctaves) rises.push_back(excess / (octaves * octaves));
  }
  const double scale = rises.empty() ? 0.0 : median(std::move(rises));
  return scale > 0.0 ? std::max(scale, kLeastScale * largest_best)
                     : std::max(0.01 * largest, 1e-12);
}

// The least loss to be expected at each batch size.
std::map<double, double> find_floors(const Bests& bests) {
  std::map<double, double> floors;
  double least = std::numeric_limits<double>::infinity();
  for (auto best = bests.begin(); best != bests.end(); ++best) {
    least = std::min(least, best->second.first);
    floors[best->first] = least;
  }
  least = std::numeric_limits<double>::infinity();
  for (auto best = bests.rbegin(); best != bests.rend(); ++best) {
    least = std::min(least, best->second.first);
    double& floor = floors[best->first];
    floor = std::max(floor, least);
  }
  return floors;
}

// Merges neighbours of one batch size, then of any, in ever wider cells until few enough are left.
std::vector<SweepPoint> thin(std::vector<SweepPoint> points) {
  for (double width = 0.05; points.size() > kMostPoints; width *= 1.5) {
    std::map<std::pair<double, double>, SweepPoint> merged;
    const double batch_width = width > 1.0 ? width : 1e-9;
    for (const SweepPoint& point : points) {
      SweepPoint& cell =
          merged
              .try_emplace({std::round(point.u / batch_width), std::round(point.v / width)},
                           SweepPoint{.runs = 0.0, .is_soft = point.is_soft})
              .first->second;
      const double share = point.runs / (cell.runs + point.runs);
      cell.u += share * (point.u - cell.u);
      cell.v += share * (point.v - cell.v);
      cell.loss += share * (point.loss - cell.loss);
      cell.excess += share * (point.excess - cell.excess);
      cell.level_deviation += share * (point.level_deviation - cell.level_deviation);
      cell.runs += point.runs;
    }
    points.clear();
    for (const auto& [place, point] : merged) points.push_back(point);
  }
  return points;
}

// What is inferred of runs that were stopped early.
std::vector<SweepPoint> soft_bounds(const StandardizedSweep& sweep, const Bests& bests,
                                    std::span<const LossBound> bounds) {
  std::vector<SweepPoint> points;
  for (const LossBound& bound : bounds) {
    const auto best = bests.find(bound.batch_size);
    if (best == bests.end()) continue;
    SweepPoint point;
    point.u = sweep.u_of(bound.batch_size);
    point.v = sweep.v_of(bound.lr);
    point.loss = (bound.at_least - sweep.least_loss) / sweep.loss_scale;
    point.excess = std::max(0.0, (bound.at_least - best->second.first) / sweep.loss_scale);
    point.is_soft = true;
    points.push_back(point);
  }
  return points;
}

}  // namespace

double StandardizedSweep::u_of(double batch_size) const {
  return std::log(batch_size) - log_batch_size;
}
double StandardizedSweep::v_of(double lr) const { return std::log(lr) - log_lr; }
double StandardizedSweep::lr_of(double v) const {
  return std::clamp(std::exp(v + log_lr), kLeastLr, kGreatestLr);
}

StandardizedSweep standardize(std::span<const Observation> observations,
                              std::span<const LossBound> bounds) {
  const Cells cells = gather(observations);
  const Bests bests = find_bests(cells);
  if (bests.empty()) {
    throw InputError("every run diverged", "runs", "add runs at lower learning rates");
  }
  StandardizedSweep sweep;
  sweep.loss_scale = find_scale(cells, bests);
  sweep.least_loss = bests.begin()->second.first;
  for (const auto& [batch_size, best] : bests) {
    sweep.log_batch_size += std::log(batch_size) / static_cast<double>(bests.size());
    sweep.log_lr += std::log(best.second) / static_cast<double>(bests.size());
    sweep.least_loss = std::min(sweep.least_loss, best.first);
  }
  const std::map<double, double> floors = find_floors(bests);
  for (const auto& [key, cell] : cells) {
    const auto found = floors.find(key.first);
    const double floor = found == floors.end() ? sweep.least_loss : found->second;
    SweepPoint point;
    point.u = sweep.u_of(key.first);
    point.v = sweep.v_of(key.second);
    point.runs = std::max(cell.runs, 1.0);
    const double base = (floor - sweep.least_loss) / sweep.loss_scale;
    point.level_deviation = std::max(0.0, base - kExplainedLevel);
    point.excess = usable(cell) ? (cell.mean() - floor) / sweep.loss_scale : kExplainedExcess;
    const bool explained = usable(cell) && point.excess < kExplainedExcess;
    point.excess = std::min(point.excess, kExplainedExcess);
    point.loss = base + point.excess;
    (explained ? sweep.points : sweep.bounds).push_back(point);
  }
  sweep.points = thin(std::move(sweep.points));
  sweep.bounds = thin(std::move(sweep.bounds));
  const std::vector<SweepPoint> soft = thin(soft_bounds(sweep, bests, bounds));
  sweep.bounds.insert(sweep.bounds.end(), soft.begin(), soft.end());
  return sweep;
}

}  // namespace etalon

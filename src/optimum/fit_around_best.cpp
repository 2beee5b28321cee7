#include "optimum/fit_around_best.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace etalon {
namespace {

constexpr double kReachStep = 0.01;  // of ln lr
// A row on the high side rises beyond a cliff if its loss is this many times more above the best,
// for its distance squared, than the median row's.
constexpr double kCliff = 3.0;
// For the row next to the best, where noise counts most.
constexpr double kNextCliff = 5.0;
// Divergence below this multiple of the best learning rate, an octave and a half with a little for
// rounding: the loss has a pole too near for a polynomial.
constexpr double kSharpFactor = 2.84;
constexpr std::size_t kRowsToSeeACliff = 4;

std::vector<std::size_t> rows_within(const LossTable& table, const FitAroundBest& around,
                                     double octaves) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double distance = std::abs(around.place(table, row));
    if (table.means()[row] && distance <= octaves * std::numbers::ln2 + 1e-6) rows.push_back(row);
  }
  return rows;
}

double steepness(const LossTable& table, const FitAroundBest& around, std::size_t row) {
  const double x = around.place(table, row);
  return (*table.means()[row] - *table.means()[around.best]) / (x * x);
}

void drop_beyond_cliff(const LossTable& table, const FitAroundBest& around,
                       std::vector<std::size_t>& rows) {
  std::vector<double> all;
  for (const std::size_t row : rows) {
    if (row != around.best) all.push_back(steepness(table, around, row));
  }
  if (all.size() < kRowsToSeeACliff) return;
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  const double median = std::max(0.0, *middle);
  const auto cliff = std::find_if(rows.begin(), rows.end(), [&](std::size_t row) {
    const double limit = row == around.best + 1 ? kNextCliff : kCliff;
    return row > around.best && steepness(table, around, row) > limit * median;
  });
  rows.erase(cliff, rows.end());
}

std::vector<FitPoint> points_of(const LossTable& table, const FitAroundBest& around,
                                const std::vector<std::size_t>& rows) {
  std::vector<FitPoint> points;
  for (const std::size_t row : rows) {
    const double excess = *table.means()[row] - *table.means()[around.best];
    for (const LossTable::Cell& cell : table.cells(row)) {
      points.push_back({around.place(table, row), table.offset(cell.column), cell.loss,
                        row > around.best ? excess : 0.0});
    }
  }
  return points;
}

// Where the slope changes from negative to positive nearest to the best, within the tried range.
double find_vertex(const LocalFit& fit, const FitAroundBest& around) {
  const double reach = std::max(-around.low, around.high);
  for (double distance = 0; distance <= reach; distance += kReachStep) {
    for (const double start : {-distance - kReachStep, distance}) {
      double low = std::max(start, around.low);
      double high = std::min(start + kReachStep, around.high);
      if (low >= high || fit.slope(low) > 0 || fit.slope(high) < 0) continue;
      for (int i = 0; i < 50; ++i) {
        const double middle = 0.5 * (low + high);
        (fit.slope(middle) < 0 ? low : high) = middle;
      }
      return 0.5 * (low + high);
    }
  }
  return 0.0;
}

}  // namespace

double FitAroundBest::place(const LossTable& table, std::size_t row) const {
  return std::log(table.lr(row) / table.lr(best));
}

FitAroundBest fit_around_best(const LossTable& table, double window_octaves) {
  FitAroundBest around;
  around.best = *table.best();
  around.low = around.place(table, table.lowest_finite());
  around.high = around.place(table, table.highest_finite());
  bool cliff_next = false;
  const double widest = std::max(-around.low, around.high) / std::numbers::ln2;
  for (around.octaves = window_octaves;; around.octaves += 0.5) {
    std::vector<std::size_t> rows = rows_within(table, around, around.octaves);
    const std::size_t all = rows.size();
    drop_beyond_cliff(table, around, rows);
    const std::vector<FitPoint> points = points_of(table, around, rows);
    around.fit = LocalFit::fit(points);
    const double divergence =
        table.divergence_above(around.best).value_or(std::numeric_limits<double>::infinity());
    cliff_next = rows.back() == around.best;
    around.cliff_above = rows.size() < all || divergence < kSharpFactor * table.lr(around.best);
    around.observations = points.size();
    if (around.fit || around.octaves >= widest) break;
  }
  // With no row left above the best, the fit does not see where the loss turns up: the best stands.
  if (around.fit && !cliff_next) around.vertex = find_vertex(*around.fit, around);
  return around;
}

}  // namespace etalon

// Curves of the loss over ln η at one batch size, as they may be: equally spaced learning rates in
// rows, possible curves in columns, each with a weight. What a forecast is read from. Pure.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "core/random.hpp"

namespace etalon {

struct PredictiveCurves {
  std::vector<double> v;    // ln η, ascending, equally spaced
  Eigen::MatrixXd losses;   // a column per curve
  Eigen::VectorXd weights;  // of the curves, summing to 1
  // Of what the curves leave open over the rows, the same for all.
  Eigen::MatrixXd covariance;
  double noise = 0.0;           // deviation of one run near the least
  double relative_noise = 0.0;  // per unit above it
  // What may be lost above the optimum, at most.
  double most_lost = std::numeric_limits<double>::infinity();

  double step() const { return v[1] - v[0]; }
};

// Draws of what the curves leave open at some of the rows.
class DiscrepancySampler {
 public:
  // `rows` of a positive semidefinite covariance.
  DiscrepancySampler(const Eigen::MatrixXd& covariance, const std::vector<Eigen::Index>& rows);
  // `source` has normal(), as a RandomStream does.
  template <class Normals>
  Eigen::VectorXd draw(Normals& source) const;
  // As many draws, a column each.
  template <class Normals>
  Eigen::MatrixXd draw(Normals& source, Eigen::Index count) const;

 private:
  Eigen::MatrixXd root_;
};

// How far the curves lie above their least, expected, at every row. Below its optimum a curve
// counts up to where losses cease to say how bad a learning rate is: a training that hardly moves
// loses no more than it could have learned, yet the few curves whose cost of little progress grows
// fastest would decide alone. Above, up to the curves' `most_lost`. Immutable once made.
class ExpectedRegrets {
 public:
  explicit ExpectedRegrets(const PredictiveCurves& curves);

  // The row where it is least.
  Eigen::Index best_row() const { return best_row_; }
  // The ln η where it is least: that of a parabola through that row and its neighbours.
  double best_v() const;
  // At any ln η, >= 0: along a parabola between the rows, along a line beyond them.
  double at(double v) const;

 private:
  double first_v_, step_;  // of the rows
  Eigen::VectorXd regrets_;
  Eigen::Index best_row_ = 0;
};

// How much lower the least loss lies than that of the curves, expected, >= 0: what they leave open
// may hide a better place. To be added to a regret that is to be told.
double hidden_gain(const PredictiveCurves& curves, std::uint64_t seed);

// How far a learning rate lies above the least, by each of the curves and by what they leave open:
// a quantile function. Beyond the rows a learning rate counts as their end.
class SimulatedRegrets {
 public:
  SimulatedRegrets(const PredictiveCurves& curves, double v, std::uint64_t seed);
  double quantile(double probability) const;

 private:
  std::vector<std::pair<double, double>> regrets_;  // ascending, with their weights
};

// Where the best learning rate of sweeps as they might be measured falls: a quantile function.
// A sweep takes a curve, its roughness, and the noise of one run at every `stride`-th row from any
// of the first.
class SimulatedBests {
 public:
  SimulatedBests(const PredictiveCurves& curves, std::uint32_t stride, std::uint64_t seed);
  double quantile(double probability) const;

 private:
  struct Entry {
    double v, weight;
  };
  double step_;                 // of the rows; an optimum lies within half of it
  std::vector<Entry> entries_;  // ascending v
};

}  // namespace etalon

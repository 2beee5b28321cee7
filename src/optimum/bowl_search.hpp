// The search for a bowl's posterior: passes over lattices of its place and rates, of the noise and
// of the misfit, ever closer to where the mass is. Made once, run once; for one thread.
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "optimum/bowl_posterior.hpp"
#include "optimum/bowl_rows.hpp"

namespace etalon {

// Place, logarithm of the rate above, rate below.
using BowlPoint = Eigen::Vector3d;

inline double place_of(const BowlPoint& point) { return point[0]; }
inline Bowl bowl_of(const BowlPoint& point) { return {std::exp(point[1]), point[2]}; }

class BowlSearch {
 public:
  struct Cell {
    double log_weight;
    std::size_t point, scatter;
    RowLine line;
  };
  struct Moments {
    BowlPoint mean = BowlPoint::Zero();
    Eigen::Matrix3d covariance = Eigen::Matrix3d::Zero();
  };

  BowlSearch(const BowlData& data, const BowlPrior& prior);
  // Only between `low` and `high`, of ln lr.
  void narrow(double low, double high);
  void run();

  const BowlRows& rows() const { return rows_; }
  const std::vector<BowlPoint>& points() const { return points_; }
  const std::vector<double>& weights() const { return by_point_; }  // of the points, summing to 1
  const std::vector<Cell>& cells() const { return cells_; }
  double weight(const Cell& cell) const { return std::exp(cell.log_weight - log_total_); }
  const RowNoise& noise(const Cell& cell) const { return scatters_[cell.scatter].noise; }
  Moments moments() const;
  std::array<double, kSeedShares.size()> log_of_shares() const;

 private:
  void take_everything();
  void close_in(const Moments& found);
  bool is_possible(const BowlPoint& point) const;
  void scatter_rows(std::span<const double> misfits);
  double log_of_replicates(double noise, std::size_t share) const;
  void pass(std::span<const double> misfits);
  double log_of_scale(const RowLine& line, double z, double log_noise) const;
  void add_up(double greatest);
  void compare_rows(double misfit);

  BowlRows rows_;
  const BowlPrior& prior_;
  double low_, high_;  // of the place
  double low_noise_, high_noise_;
  bool is_close_ = false;  // enough that replicates may tell how close to follow
  std::vector<BowlPoint> points_;
  struct Scatter {
    RowNoise noise;
    std::size_t deviation, share;  // which of the lattices'
    RowScatter rows;
  };
  std::vector<double> noises_;
  std::vector<Scatter> scatters_;
  std::vector<Cell> cells_;
  const Cell* most_ = nullptr;
  double log_total_ = 0.0;
  std::vector<double> by_point_, by_noise_;
  std::array<double, kSeedShares.size()> by_share_{};
};

}  // namespace etalon

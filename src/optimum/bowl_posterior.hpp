// Where the optimum of one batch size may lie, given the mean losses of its learning rates: the
// posterior distribution of a Bowl through them.
//
// A row's mean differs from the bowl by noise, of variance σ²/runs, a part of which runs of one
// seed share (seed_noise.hpp), and by misfit, since no form of two rates is the truth, of deviation
// r times the row's excess and alike among neighbours: so rows far above the least say little of
// where it is. Level and curvature are integrated in closed form, place, rates, σ, the seeds' part
// and r on lattices that close in on where the posterior has its mass. Rows that lie far off the
// bowl count for as little as they agree with it. Nothing depends on the unit of the loss or on the
// order of the rows. Immutable once made; safe from any thread.
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "optimum/bowl.hpp"
#include "optimum/seed_noise.hpp"

namespace etalon {

struct BowlRow {
  double x = 0.0;        // ln lr
  double loss = 0.0;     // mean
  double runs = 1.0;     // in the mean
  double squares = 0.0;  // of them about the mean, where seeds' effects are taken out
};

struct BowlData {
  std::vector<BowlRow> rows;  // ascending x
  // Of two rows: over the seeds that both ran, the sum of the products of a run's share in either
  // mean. On the diagonal, over the seeds of the row.
  Eigen::MatrixXd common;
  ReplicateEvidence replicates;  // near the least
  // Of ln lr: what diverged. The optimum lies below.
  double ceiling = std::numeric_limits<double>::infinity();
  // The rows next to the best that are worse beyond doubt: the optimum lies between.
  double worse_below = -std::numeric_limits<double>::infinity();
  double worse_above = std::numeric_limits<double>::infinity();
};

struct NormalPrior {
  double mean = 0.0, deviation = 1.0;
};

struct BowlPrior {
  NormalPrior log_rate_above;
  NormalPrior rate_below;
  NormalPrior log_relative_noise;        // σ over the rise at one octave
  std::optional<NormalPrior> log_noise;  // σ itself
  std::array<double, kSeedShares.size()> log_shares{};

  // Of a batch size of which nothing else is known.
  static BowlPrior broad();
};

// A mixture of normals, cut off below 0: what is less counts as 0. Far above 0, where what varies
// grows with what is, a part is a normal on the scale asinh(excess / even): linear up to `even`,
// logarithmic above.
class ExcessDistribution {
 public:
  struct Part {
    double weight, mean, deviation, even;
  };
  // Weights sum to 1.
  explicit ExcessDistribution(std::vector<Part> parts) : parts_(std::move(parts)) {}
  double quantile(double probability) const;

 private:
  double probability_below(double excess) const;
  std::vector<Part> parts_;
};

class BowlStates;

class BowlPosterior {
 public:
  // At least three rows at distinct places.
  BowlPosterior(const BowlData& data, const BowlPrior& prior);

  double quantile(double probability) const;       // of the optimum's ln lr
  double curvature() const { return curvature_; }  // expected
  double least_loss() const { return least_loss_; }
  double noise() const;  // expected deviation of one run near the least

  // What the rows say of the rates and the noise, for other batch sizes: posterior mean and
  // variance.
  struct Moments {
    double mean = 0.0, variance = 0.0;
  };
  Moments log_rate_above() const { return log_rate_above_; }
  Moments rate_below() const { return rate_below_; }
  Moments log_noise() const { return log_noise_; }
  // Of kSeedShares, what the rows add to their prior: logarithms, up to a constant.
  const std::array<double, kSeedShares.size()>& log_of_shares() const { return log_of_shares_; }

  // How far the expected loss at a row lies above the least: what the bowls, the row's own mean and
  // its neighbours' say together.
  ExcessDistribution excess_at(std::size_t row) const;

  // How many times the variance of a row was taken, 1 for one that agrees with the bowl.
  const std::vector<double>& inflations() const { return inflations_; }

 private:
  std::vector<std::pair<double, double>> places_;  // ascending ln lr, with weights that sum to 1
  double curvature_ = 0.0, least_loss_ = 0.0;
  Moments log_rate_above_, rate_below_, log_noise_;
  std::array<double, kSeedShares.size()> log_of_shares_{};
  std::vector<double> inflations_;
  std::shared_ptr<const BowlStates> states_;
};

}  // namespace etalon

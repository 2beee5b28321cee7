// The rows of one batch size as a bowl meets them: in units of their typical excess, with how they
// vary about a bowl by noise and by misfit.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "optimum/bowl_posterior.hpp"

namespace etalon {

struct RowNoise {
  double deviation = 0.0;  // of a run
  double share = 0.0;      // of its variance, that is its seed's
  double misfit = 0.0;     // per excess
};

// How rows vary about a bowl: what of it is needed time and again.
struct RowScatter {
  Eigen::MatrixXd precision;                           // inverse of the covariance
  Eigen::VectorXd of_ones, of_losses;                  // times these
  double total = 0.0, mean_loss = 0.0, squares = 0.0;  // of the losses about their mean
  double log_constant = 0.0;                           // of the evidence
};

// Level and curvature by generalized least squares of loss = level + curvature · excess.
struct RowLine {
  double level = 0.0, curvature = 0.0, variance = 0.0;  // of the curvature
  double mean_excess = 0.0;
  double log_evidence = 0.0;
};

struct BowlRows {
  explicit BowlRows(const BowlData& data);

  Eigen::Index size() const { return x.size(); }
  RowScatter scatter(const RowNoise& noise) const;
  // The same where row `own` is noisier by so much variance.
  RowScatter scatter(const RowNoise& noise, Eigen::Index own, double variance) const;
  // Of the mean of the seeds' own optima about that of all, for a run's deviation near the least.
  double shift_variance(double deviation, double curvature) const;
  double misfit_covariance(double misfit, Eigen::Index i, Eigen::Index j) const;
  static RowLine solve(const RowScatter& scatter, const Eigen::VectorXd& excesses);
  // The same for many bowls, a column each.
  static std::vector<RowLine> solve(const RowScatter& scatter, const Eigen::MatrixXd& excesses);

  double least = 0.0, unit = 1.0;  // of the losses, which are above the one in terms of the other
  Eigen::VectorXd x, losses, runs;
  Eigen::Index best = 0;    // of least loss
  Eigen::VectorXd squares;  // of the runs about their means
  Eigen::MatrixXd common;   // of what seeds have in common, by correlation
  bool has_common_seeds = false;
  double inverse_seeds = 0.0;  // 1 over how many seeds rows have in common; 0 for none
  ReplicateEvidence replicates;
  Eigen::VectorXd excesses;  // of a bowl; before there is one, of the losses themselves
  // Whether the misfits of neighbours are alike: not while bowls are far from the right one, whose
  // excess such misfits would explain as well.
  bool is_alike = false;
  // How many times the variance of a row is taken.
  Eigen::VectorXd inflations;

 private:
  Eigen::MatrixXd covariance(const RowNoise& noise) const;
  RowScatter scatter_of(const Eigen::MatrixXd& covariance) const;
};

}  // namespace etalon

// The rows of one batch size as a bowl meets them: in units of their typical excess, with how they
// vary about a bowl by noise and by misfit.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "optimum/bowl_posterior.hpp"

namespace etalon {

// How rows vary about a bowl for one noise and misfit: what of it is needed time and again.
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
  // For noise and misfit, that of a run and that per excess.
  RowScatter scatter(double noise, double misfit) const;
  // The same where row `own` is noisier by so much variance.
  RowScatter scatter(double noise, double misfit, Eigen::Index own, double variance) const;
  double misfit_covariance(double misfit, Eigen::Index i, Eigen::Index j) const;
  // For one thread at a time; `product` is for what is on the way.
  static RowLine solve(const RowScatter& scatter, const Eigen::VectorXd& excesses,
                       Eigen::VectorXd& product);

  double least = 0.0, unit = 1.0;  // of the losses, which are above the one in terms of the other
  Eigen::VectorXd x, losses, runs;
  Eigen::VectorXd squares;  // of the runs about their means
  double replicate_squares = 0.0, replicate_degrees = 0.0;
  Eigen::VectorXd excesses;  // of a bowl; before there is one, of the losses themselves
  // Whether the misfits of neighbours are alike: not while bowls are far from the right one, whose
  // excess such misfits would explain as well.
  bool is_alike = false;
  // How many times the variance of a row is taken.
  Eigen::VectorXd inflations;

 private:
  Eigen::MatrixXd covariance(double noise, double misfit) const;
  RowScatter scatter_of(const Eigen::MatrixXd& covariance) const;
};

}  // namespace etalon

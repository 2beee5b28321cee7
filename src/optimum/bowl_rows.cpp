#include "optimum/bowl_rows.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace etalon {
namespace {

// How far along ln η misfit is alike: the forms differ from real curves in how they bend.
constexpr double kMisfitLength = 1.0;
constexpr double kJitter = 1e-4;  // of the misfit's variance, so that it can be factored
// In units of the typical excess: more says no more.
constexpr double kMostLoss = 1e9;

}  // namespace

BowlRows::BowlRows(const BowlData& data)
    : x(std::ssize(data.rows)),
      losses(x.size()),
      runs(x.size()),
      squares(x.size()),
      inflations(x.size()) {
  least = data.rows.front().loss;
  for (const BowlRow& row : data.rows) least = std::min(least, row.loss);
  std::vector<double> sorted;
  for (const BowlRow& row : data.rows) sorted.push_back(row.loss - least);
  std::sort(sorted.begin(), sorted.end());
  unit = std::max(sorted[sorted.size() / 2], 1e-12 * std::abs(least) + 1e-300);
  for (Eigen::Index i = 0; i < size(); ++i) {
    const BowlRow& row = data.rows[static_cast<std::size_t>(i)];
    x[i] = row.x;
    losses[i] = std::min((row.loss - least) / unit, kMostLoss);
    runs[i] = row.runs;
    squares[i] = std::min(row.squares / unit / unit, squared(kMostLoss));
  }
  replicate_squares = std::min(data.replicate_squares / unit / unit, squared(kMostLoss));
  replicate_degrees = data.replicate_degrees;
  excesses = losses;
  inflations.setOnes();
}

double BowlRows::misfit_covariance(double misfit, Eigen::Index i, Eigen::Index j) const {
  if (i != j && !is_alike) return 0.0;
  const double apart = (x[i] - x[j]) / kMisfitLength;
  return squared(misfit) * excesses[i] * excesses[j] * std::exp(-0.5 * squared(apart));
}

Eigen::MatrixXd BowlRows::covariance(double noise, double misfit) const {
  Eigen::MatrixXd result(size(), size());
  for (Eigen::Index i = 0; i < size(); ++i) {
    for (Eigen::Index j = 0; j < size(); ++j) result(i, j) = misfit_covariance(misfit, i, j);
    result(i, i) = inflations[i] * (squared(noise) / runs[i] + (1.0 + kJitter) * result(i, i));
  }
  return result;
}

RowScatter BowlRows::scatter_of(const Eigen::MatrixXd& covariance) const {
  RowScatter scatter;
  const Eigen::LLT<Eigen::MatrixXd> factor(covariance);
  scatter.precision = factor.solve(Eigen::MatrixXd::Identity(size(), size()));
  scatter.of_ones = scatter.precision.rowwise().sum();
  scatter.of_losses = scatter.precision * losses;
  scatter.total = scatter.of_ones.sum();
  scatter.mean_loss = scatter.of_losses.sum() / scatter.total;
  scatter.squares = scatter.of_losses.dot(losses) - scatter.total * squared(scatter.mean_loss);
  scatter.log_constant = -factor.matrixLLT().diagonal().array().log().sum();
  return scatter;
}

RowScatter BowlRows::scatter(double noise, double misfit) const {
  return scatter_of(covariance(noise, misfit));
}

RowScatter BowlRows::scatter(double noise, double misfit, Eigen::Index own, double variance) const {
  Eigen::MatrixXd all = covariance(noise, misfit);
  all(own, own) += variance;
  return scatter_of(all);
}

RowLine BowlRows::solve(const RowScatter& scatter, const Eigen::VectorXd& excesses,
                        Eigen::VectorXd& product) {
  product.noalias() = scatter.precision * excesses;
  RowLine line;
  line.mean_excess = scatter.of_ones.dot(excesses) / scatter.total;
  const double ee = product.dot(excesses) - scatter.total * squared(line.mean_excess);
  const double el =
      scatter.of_losses.dot(excesses) - scatter.total * line.mean_excess * scatter.mean_loss;
  line.curvature = el / ee;
  line.variance = 1.0 / ee;
  line.level = scatter.mean_loss - line.curvature * line.mean_excess;
  line.log_evidence = scatter.log_constant - 0.5 * (scatter.squares - el * el / ee) -
                      0.5 * std::log(scatter.total * ee);
  return line;
}

}  // namespace etalon

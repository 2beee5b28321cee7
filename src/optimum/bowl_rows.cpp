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

namespace {

// Of losses that differ, as a share of the largest: those that are nearer are equal but for
// rounding.
constexpr double kSameLoss = 1e-9;

// Of ln η, an octave with a little for rounding: rows so near the best place the optimum.
constexpr double kPlacing = 0.75;

// The median row's, or the least above it that is more than rounding: two of three may be the best.
double typical_excess(const std::vector<BowlRow>& rows, double least) {
  std::vector<double> sorted;
  sorted.reserve(rows.size());
  for (const BowlRow& row : rows) sorted.push_back(row.loss - least);
  std::sort(sorted.begin(), sorted.end());
  const double rounding = kSameLoss * std::max(std::abs(least), sorted.back());
  const auto from = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  const auto typical =
      std::find_if(from, sorted.end(), [&](double excess) { return excess > rounding; });
  return typical != sorted.end() ? *typical : 1e-12 * std::abs(least) + 1e-300;
}

}  // namespace

BowlRows::BowlRows(const BowlData& data)
    : x(std::ssize(data.rows)),
      losses(x.size()),
      runs(x.size()),
      squares(x.size()),
      inflations(x.size()) {
  least = data.rows.front().loss;
  for (const BowlRow& row : data.rows) least = std::min(least, row.loss);
  unit = typical_excess(data.rows, least);
  for (Eigen::Index i = 0; i < size(); ++i) {
    const BowlRow& row = data.rows[static_cast<std::size_t>(i)];
    x[i] = row.x;
    losses[i] = std::min((row.loss - least) / unit, kMostLoss);
    runs[i] = row.runs;
    squares[i] = std::min(row.squares / unit / unit, squared(kMostLoss));
  }
  common = data.common;
  losses.minCoeff(&best);
  const auto places = [&](Eigen::Index i) { return std::abs(x[i] - x[best]) < kPlacing; };
  for (Eigen::Index i = 0; i < size(); ++i) {
    for (Eigen::Index j = 0; j < i && places(i); ++j) {
      if (places(j)) inverse_seeds = std::max(inverse_seeds, common(i, j));
    }
  }
  for (Eigen::Index i = 0; i < size(); ++i) {
    for (Eigen::Index j = 0; j < size(); ++j) {
      has_common_seeds = has_common_seeds || (i != j && common(i, j) > 0.0);
      common(i, j) *= seed_correlation(x[i] - x[j]);
    }
  }
  replicates = data.replicates;
  for (double& each : replicates.squares) {
    each = std::min(each / unit / unit, squared(kMostLoss));
  }
  excesses = losses;
  inflations.setOnes();
}

double BowlRows::misfit_covariance(double misfit, Eigen::Index i, Eigen::Index j) const {
  if (i != j && !is_alike) return 0.0;
  const double apart = (x[i] - x[j]) / kMisfitLength;
  return squared(misfit) * excesses[i] * excesses[j] * std::exp(-0.5 * squared(apart));
}

Eigen::MatrixXd BowlRows::covariance(const RowNoise& noise) const {
  Eigen::VectorXd deviations(size());
  for (Eigen::Index i = 0; i < size(); ++i) {
    deviations[i] = std::hypot(noise.deviation, i > best ? replicates.growth * excesses[i] : 0.0);
  }
  Eigen::MatrixXd result = noise.share * deviations.asDiagonal() * common * deviations.asDiagonal();
  for (Eigen::Index i = 0; i < size(); ++i) {
    for (Eigen::Index j = 0; j < size(); ++j) result(i, j) += misfit_covariance(noise.misfit, i, j);
    // Of the row's own runs, what is not their seeds'.
    result(i, i) += squared(deviations[i]) * (1.0 / runs[i] - noise.share * common(i, i));
    result(i, i) += kJitter * misfit_covariance(noise.misfit, i, i);
    result(i, i) *= inflations[i];
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

RowScatter BowlRows::scatter(const RowNoise& noise) const { return scatter_of(covariance(noise)); }

RowScatter BowlRows::scatter(const RowNoise& noise, Eigen::Index own, double variance) const {
  Eigen::MatrixXd all = covariance(noise);
  all(own, own) += variance;
  return scatter_of(all);
}

namespace {

// From the products of a bowl's excesses with ones, with the losses and with themselves.
RowLine line_of(const RowScatter& scatter, double with_ones, double with_losses,
                double with_themselves) {
  RowLine line;
  line.mean_excess = with_ones / scatter.total;
  const double ee = with_themselves - scatter.total * squared(line.mean_excess);
  const double el = with_losses - scatter.total * line.mean_excess * scatter.mean_loss;
  line.curvature = el / ee;
  line.variance = 1.0 / ee;
  line.level = scatter.mean_loss - line.curvature * line.mean_excess;
  line.log_evidence = scatter.log_constant - 0.5 * (scatter.squares - el * el / ee) -
                      0.5 * std::log(scatter.total * ee);
  return line;
}

}  // namespace

double BowlRows::shift_variance(double deviation, double curvature) const {
  return inverse_seeds * replicates.squared_shift * squared(deviation / curvature);
}

RowLine BowlRows::solve(const RowScatter& scatter, const Eigen::VectorXd& excesses) {
  return line_of(scatter, scatter.of_ones.dot(excesses), scatter.of_losses.dot(excesses),
                 excesses.dot(scatter.precision * excesses));
}

std::vector<RowLine> BowlRows::solve(const RowScatter& scatter, const Eigen::MatrixXd& excesses) {
  const Eigen::MatrixXd products = scatter.precision * excesses;
  const Eigen::RowVectorXd with_ones = scatter.of_ones.transpose() * excesses;
  const Eigen::RowVectorXd with_losses = scatter.of_losses.transpose() * excesses;
  const Eigen::RowVectorXd with_themselves = products.cwiseProduct(excesses).colwise().sum();
  std::vector<RowLine> lines;
  lines.reserve(static_cast<std::size_t>(excesses.cols()));
  for (Eigen::Index k = 0; k < excesses.cols(); ++k) {
    lines.push_back(line_of(scatter, with_ones[k], with_losses[k], with_themselves[k]));
  }
  return lines;
}

}  // namespace etalon

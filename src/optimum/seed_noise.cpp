#include "optimum/seed_noise.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "optimum/bowl.hpp"
#include "optimum/robust_scale.hpp"

namespace etalon {
namespace {

// How far along ln η what is a seed's own is alike.
constexpr double kSeedLength = 1.0;
// Where noise is what it is near the least.
constexpr double kReplicateOctaves = 1.5;
// What the noise may grow by.
constexpr std::array kGrowths = {0.0, 0.25, 0.6};
// Of a logarithm: what any growth has to explain to be believed.
constexpr double kCostOfGrowth = 2.0;
// A seed's own slope, of which kSeedShift is the median: those that are tried, and the deviation of
// its logarithm.
constexpr std::array kSlopes = {0.1, 0.3, 0.7, 1.4, 2.8};
constexpr double kSlopeDeviation = 0.8;
// Of how far the rows' means spread: replicates nearer than this are equal but for rounding.
constexpr double kExact = 1e-9;
// Of the greatest eigenvalue: directions of less are not determined.
constexpr double kNoDirection = 1e-9;

// The replicated rows near the best, and which of their runs share a seed.
struct Replicates {
  struct Run {
    Eigen::Index row = 0;
    double loss = 0.0;
  };
  std::vector<double> x, excesses;      // ln lr and the mean loss from the best, by row
  std::vector<std::vector<Run>> seeds;  // of two or more rows
  std::vector<Run> others;
  double deviation = 0.0;  // typical
  double spread = 0.0;     // of the rows' means
  bool are_exact() const { return deviation <= kExact * spread; }
};

Replicates find_replicates(const LossTable& table) {
  Replicates found;
  std::map<std::size_t, std::vector<Replicates::Run>> by_column;
  const std::vector<double> effects = table.seed_effects(*table.best(), kReplicateOctaves);
  std::vector<double> off;
  for (const std::size_t row : table.rows_within(*table.best(), kReplicateOctaves)) {
    if (table.cells(row).size() < 2 || !table.means()[row]) continue;
    const auto index = std::ssize(found.x);
    found.x.push_back(std::log(table.lr(row) / table.lr(*table.best())));
    found.excesses.push_back(
        row > *table.best() ? *table.means()[row] - *table.means()[*table.best()] : 0.0);
    found.spread = std::max(found.spread, *table.means()[row] - *table.means()[*table.best()]);
    for (const LossTable::Cell& cell : table.cells(row)) {
      const double loss = cell.loss - *table.means()[row];
      by_column[cell.column].push_back({index, loss});
      off.push_back(loss - (cell.column < effects.size() ? effects[cell.column] : 0.0));
    }
  }
  for (const auto& [column, runs] : by_column) {
    if (column < table.seeds() && runs.size() > 1) {
      found.seeds.push_back(runs);
    } else {
      found.others.insert(found.others.end(), runs.begin(), runs.end());
    }
  }
  if (!off.empty()) found.deviation = robust_deviation(off);
  return found;
}

// Restricted likelihood: rows' means and runs' offsets are free.
class RestrictedLikelihood {
 public:
  RestrictedLikelihood(const Replicates& replicates, double growth, double slope = 0.0)
      : replicates_(replicates),
        slope_(slope),
        growth_(replicates.deviation > 0.0 ? growth / replicates.deviation : 0.0),
        precision_(Eigen::MatrixXd::Zero(std::ssize(replicates.x), std::ssize(replicates.x))),
        moment_(Eigen::VectorXd::Zero(std::ssize(replicates.x))) {}

  void add_seed(const std::vector<Replicates::Run>& runs, double share) {
    const auto size = std::ssize(runs);
    Eigen::MatrixXd covariance(size, size);
    for (Eigen::Index i = 0; i < size; ++i) {
      for (Eigen::Index j = 0; j < size; ++j) {
        const Eigen::Index a = runs[static_cast<std::size_t>(i)].row;
        const Eigen::Index b = runs[static_cast<std::size_t>(j)].row;
        covariance(i, j) =
            deviation(a) * deviation(b) *
                (share * seed_correlation(x(a) - x(b)) + (i == j ? 1.0 - share : 0.0)) +
            squared(slope_) * x(a) * x(b);
      }
    }
    const Eigen::LLT<Eigen::MatrixXd> factor(covariance);
    log_determinant_ += 2.0 * factor.matrixLLT().diagonal().array().log().sum();
    add_block(runs, factor.solve(Eigen::MatrixXd::Identity(size, size)));
  }

  // Runs that share no seed, each with noise of its own.
  void add_others() {
    const std::vector<Replicates::Run>& runs = replicates_.others;
    if (runs.empty()) return;
    Eigen::VectorXd of_rows = Eigen::VectorXd::Zero(moment_.size());
    double total = 0.0, sum = 0.0;
    for (const Replicates::Run& run : runs) {
      const double weight = 1.0 / squared(deviation(run.row));
      of_rows[run.row] += weight;
      moment_[run.row] += weight * run.loss;
      total += weight;
      sum += weight * run.loss;
      squares_ += weight * squared(run.loss);
      log_determinant_ -= std::log(weight);
    }
    precision_.diagonal() += of_rows;
    take_offset(of_rows, total, sum);
    degrees_ += static_cast<double>(runs.size()) - 1.0;
  }

  struct Sums {
    double degrees, squares, log_determinant;
  };
  Sums finish() const {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(precision_);
    const Eigen::VectorXd& values = solver.eigenvalues();
    const Eigen::VectorXd moments = solver.eigenvectors().transpose() * moment_;
    Sums sums{degrees_, squares_, log_determinant_};
    for (Eigen::Index i = 0; i < values.size(); ++i) {
      if (!(values[i] > kNoDirection * values[values.size() - 1])) continue;
      sums.degrees -= 1.0;
      sums.squares -= squared(moments[i]) / values[i];
      sums.log_determinant += std::log(values[i]);
    }
    sums.squares = std::max(0.0, sums.squares);
    return sums;
  }

 private:
  // Of a run, in units of one near the least.
  double deviation(Eigen::Index row) const {
    return std::hypot(1.0, growth_ * replicates_.excesses[static_cast<std::size_t>(row)]);
  }
  double x(Eigen::Index row) const { return replicates_.x[static_cast<std::size_t>(row)]; }

  void add_block(const std::vector<Replicates::Run>& runs, const Eigen::MatrixXd& inverse) {
    const auto size = std::ssize(runs);
    Eigen::VectorXd losses(size);
    Eigen::VectorXd of_rows = Eigen::VectorXd::Zero(moment_.size());
    for (Eigen::Index i = 0; i < size; ++i) losses[i] = runs[static_cast<std::size_t>(i)].loss;
    const Eigen::VectorXd weights = inverse.rowwise().sum(), scaled = inverse * losses;
    for (Eigen::Index i = 0; i < size; ++i) {
      const Eigen::Index row = runs[static_cast<std::size_t>(i)].row;
      for (Eigen::Index j = 0; j < size; ++j) {
        precision_(row, runs[static_cast<std::size_t>(j)].row) += inverse(i, j);
      }
      of_rows[row] += weights[i];
      moment_[row] += scaled[i];
    }
    squares_ += losses.dot(scaled);
    take_offset(of_rows, weights.sum(), weights.dot(losses));
    degrees_ += static_cast<double>(size) - 1.0;
  }

  void take_offset(const Eigen::VectorXd& of_rows, double total, double sum) {
    precision_ -= of_rows * of_rows.transpose() / total;
    moment_ -= of_rows * (sum / total);
    squares_ -= sum * sum / total;
    log_determinant_ += std::log(total);
  }

  const Replicates& replicates_;
  const double slope_, growth_;
  Eigen::MatrixXd precision_;  // of the rows' means
  Eigen::VectorXd moment_;
  double degrees_ = 0.0, squares_ = 0.0, log_determinant_ = 0.0;
};

}  // namespace

double seed_correlation(double apart) { return std::exp(-0.5 * squared(apart / kSeedLength)); }

namespace {

// Given the growth; the logarithm of its likelihood at the σ and the share that suit it best is
// put in `log_likelihood`.
ReplicateEvidence evidence_of(const Replicates& replicates, double growth, double& log_likelihood) {
  ReplicateEvidence evidence;
  evidence.growth = growth;
  log_likelihood = -std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < kSeedShares.size(); ++k) {
    RestrictedLikelihood likelihood(replicates, growth);
    for (const auto& seed : replicates.seeds) likelihood.add_seed(seed, kSeedShares[k]);
    likelihood.add_others();
    const RestrictedLikelihood::Sums sums = likelihood.finish();
    evidence.degrees = sums.degrees;
    evidence.squares[k] = sums.squares;
    evidence.log_determinants[k] = sums.log_determinant;
    log_likelihood =
        std::max(log_likelihood, -0.5 * sums.degrees * std::log(std::max(sums.squares, 1e-300)) -
                                     0.5 * sums.log_determinant);
  }
  return evidence;
}

}  // namespace

namespace {

// The expected square of a seed's own slope, in units of a run's deviation: near the best, slopes
// are what shifts of the optimum show as.
double squared_slope(const Replicates& replicates, double growth) {
  double total = 0.0, sum = 0.0, first = 0.0;
  for (const double slope : kSlopes) {
    RestrictedLikelihood likelihood(replicates, growth, slope);
    for (const auto& seed : replicates.seeds) likelihood.add_seed(seed, kSeedShares[1]);
    likelihood.add_others();
    const RestrictedLikelihood::Sums sums = likelihood.finish();
    const double log_likelihood = -0.5 * sums.degrees * std::log(std::max(sums.squares, 1e-300)) -
                                  0.5 * sums.log_determinant -
                                  0.5 * squared(std::log(slope / kSeedShift) / kSlopeDeviation);
    if (total == 0.0) first = log_likelihood;
    const double weight = std::exp(std::min(log_likelihood - first, 300.0));
    total += weight;
    sum += weight * squared(slope);
  }
  return sum / total;
}

}  // namespace

ReplicateEvidence replicate_evidence(const LossTable& table) {
  ReplicateEvidence best;
  const Replicates replicates = find_replicates(table);
  if (replicates.x.empty()) return best;
  double greatest = -std::numeric_limits<double>::infinity();
  for (const double growth : kGrowths) {
    double log_likelihood = 0.0;
    const ReplicateEvidence evidence = evidence_of(replicates, growth, log_likelihood);
    if (evidence.degrees < 0.5) return {};
    // Runs that nobody tells apart and that end alike may be one, written down twice.
    if (replicates.are_exact()) return replicates.seeds.empty() ? best : evidence;
    if (growth > kGrowths[0]) log_likelihood -= kCostOfGrowth;
    if (!(log_likelihood > greatest)) continue;
    greatest = log_likelihood;
    best = evidence;
  }
  if (!replicates.seeds.empty()) best.squared_shift = squared_slope(replicates, best.growth);
  return best;
}

}  // namespace etalon

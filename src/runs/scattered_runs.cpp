#include "runs/scattered_runs.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

namespace etalon {
namespace {

constexpr std::size_t kEnoughLrs = 4;  // of a batch size that speaks for itself
constexpr double kAlike = 1.05;        // ratio of batch sizes that nobody chose to compare
constexpr double kNearlyEqual = 1.15;  // ratio of batch sizes
constexpr double kWidest = std::numbers::sqrt2;  // of those that become one
constexpr std::size_t kRunsPerCoefficient = 3;
constexpr double kWorthwhile = 0.9;  // of the error that is left

using Lrs = std::map<double, std::set<double>>;  // by batch size

Lrs lrs_of(const std::vector<Observation>& observations) {
  Lrs lrs;
  for (const Observation& run : observations) lrs[run.batch_size].insert(run.lr);
  return lrs;
}

bool has_few(const std::set<double>& lrs) { return lrs.size() < kEnoughLrs; }

// For each batch size the least of those that it is joined with.
std::map<double, double> join_neighbours(const Lrs& lrs, double nearest) {
  std::map<double, double> first_of;
  double first = 0.0, last = 0.0;
  bool had_few = false;
  for (const auto& [size, rates] : lrs) {
    const bool is_near = first > 0.0 && size <= kWidest * first && size <= nearest * last;
    const bool joins = is_near && (has_few(rates) || had_few || size <= kAlike * last);
    if (!joins) first = size;
    last = size;
    had_few = has_few(rates);
    first_of[size] = first;
  }
  return first_of;
}

void append(Eigen::MatrixXd& design, const Eigen::VectorXd& column) {
  design.conservativeResize(Eigen::NoChange, design.cols() + 1);
  design.col(design.cols() - 1) = column;
}

Eigen::VectorXd standardized(const Eigen::VectorXd& values) {
  const double mean = values.mean();
  const double spread = std::sqrt((values.array() - mean).square().mean());
  return spread > 0.0 ? Eigen::VectorXd((values.array() - mean) / spread)
                      : Eigen::VectorXd(Eigen::VectorXd::Zero(values.size()));
}

// A nuisance in the form in which it enters: itself, or its logarithm.
struct Term {
  std::size_t nuisance = 0;
  bool is_logarithm = false;
};

bool spans_orders(const Nuisance& nuisance) {
  constexpr double kWide = 10.0;
  const auto [least, greatest] =
      std::minmax_element(nuisance.values.begin(), nuisance.values.end());
  return !nuisance.is_label && *least > 0.0 && *greatest > kWide * *least;
}

// Columns z and z², or one for each kind but the first.
Eigen::MatrixXd columns_of(const Nuisance& nuisance, bool is_logarithm,
                           const std::vector<std::size_t>& runs) {
  Eigen::VectorXd values(std::ssize(runs));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const double value = nuisance.values[runs[i]];
    values[static_cast<Eigen::Index>(i)] = is_logarithm ? std::log(value) : value;
  }
  Eigen::MatrixXd columns(values.size(), 0);
  if (!nuisance.is_label) {
    const Eigen::VectorXd z = standardized(values);
    append(columns, z);
    append(columns, z.array().square());
    return columns;
  }
  for (int kind = 1; kind <= static_cast<int>(values.maxCoeff()); ++kind) {
    append(columns, (values.array() == kind).cast<double>());
  }
  return columns;
}

// A regression and how well it predicts runs that it did not see.
class Regression {
 public:
  Regression(const Eigen::MatrixXd& design, const Eigen::VectorXd& losses)
      : solver_(design), coefficients_(solver_.solve(losses)) {
    const Eigen::VectorXd residuals = losses - design * coefficients_;
    const Eigen::MatrixXd pseudo_inverse = solver_.pseudoInverse();
    for (Eigen::Index i = 0; i < residuals.size(); ++i) {
      const double leverage = design.row(i) * pseudo_inverse.col(i);
      const double left_out = residuals[i] / std::max(1.0 - leverage, 1e-3);
      press_ += left_out * left_out;
    }
  }
  double press() const { return press_; }
  const Eigen::VectorXd& coefficients() const { return coefficients_; }

 private:
  Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> solver_;
  Eigen::VectorXd coefficients_;
  double press_ = 0.0;
};

// The runs whose losses a quadratic may describe: what hardly trained is far above the others.
std::vector<std::size_t> usual_runs(const std::vector<Observation>& observations) {
  std::vector<double> losses;
  for (const Observation& run : observations) {
    if (!run.diverged()) losses.push_back(*run.loss);
  }
  if (losses.empty()) return {};
  std::sort(losses.begin(), losses.end());
  const auto at = [&](double share) {
    return losses[static_cast<std::size_t>(share * static_cast<double>(losses.size() - 1))];
  };
  const double highest = at(0.75) + 3.0 * (at(0.75) - at(0.25));
  std::vector<std::size_t> usual;
  for (std::size_t i = 0; i < observations.size(); ++i) {
    if (!observations[i].diverged() && *observations[i].loss <= highest) usual.push_back(i);
  }
  return usual;
}

Eigen::MatrixXd surface_design(const std::vector<Observation>& observations,
                               const std::vector<std::size_t>& runs) {
  Eigen::VectorXd sizes(std::ssize(runs)), rates(std::ssize(runs));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    sizes[static_cast<Eigen::Index>(i)] = std::log(observations[runs[i]].batch_size);
    rates[static_cast<Eigen::Index>(i)] = std::log(observations[runs[i]].lr);
  }
  const Eigen::ArrayXd x = standardized(sizes).array(), y = standardized(rates).array();
  Eigen::MatrixXd design(sizes.size(), 0);
  append(design, Eigen::VectorXd::Ones(sizes.size()));
  for (const Eigen::ArrayXd& term :
       {Eigen::ArrayXd(x), Eigen::ArrayXd(y), Eigen::ArrayXd(x * x), Eigen::ArrayXd(x * y),
        Eigen::ArrayXd(y * y), Eigen::ArrayXd(y * y * y)}) {
    append(design, term.matrix());
  }
  return design;
}

// What the columns say, against the middle of it.
Eigen::VectorXd effect_of(const Eigen::MatrixXd& columns, const Eigen::VectorXd& coefficients) {
  Eigen::VectorXd effect = columns * coefficients;
  std::vector<double> sorted(effect.begin(), effect.end());
  const auto middle = sorted.begin() + std::ssize(sorted) / 2;
  std::nth_element(sorted.begin(), middle, sorted.end());
  return effect.array() - *middle;
}

// Takes nuisances one after another, each time the one that helps most.
class NuisanceSearch {
 public:
  NuisanceSearch(std::vector<Observation>& observations, const std::vector<Nuisance>& nuisances)
      : observations_(observations),
        nuisances_(nuisances),
        runs_(usual_runs(observations)),
        design_(surface_design(observations, runs_)),
        losses_(std::ssize(runs_)) {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      losses_[static_cast<Eigen::Index>(i)] = *observations[runs_[i]].loss;
    }
  }

  std::vector<std::string> run() {
    while (const auto next = best_next()) taken_.push_back(*next);
    std::vector<std::string> names;
    if (taken_.empty()) return names;
    subtract();
    for (const Term& term : taken_) names.push_back(nuisances_[term.nuisance].name);
    return names;
  }

 private:
  Eigen::MatrixXd columns_of_term(const Term& term) const {
    return columns_of(nuisances_[term.nuisance], term.is_logarithm, runs_);
  }

  Eigen::MatrixXd with(const std::vector<Term>& terms) const {
    Eigen::MatrixXd design = design_;
    for (const Term& term : terms) {
      const Eigen::MatrixXd columns = columns_of_term(term);
      for (Eigen::Index j = 0; j < columns.cols(); ++j) append(design, columns.col(j));
    }
    return design;
  }

  // Infinite where the runs are too few for so many terms.
  double press_with(const std::vector<Term>& terms) const {
    const Eigen::MatrixXd design = with(terms);
    const bool is_supported =
        static_cast<std::size_t>(design.cols()) * kRunsPerCoefficient <= runs_.size();
    return is_supported ? Regression(design, losses_).press() : INFINITY;
  }

  // Those that are not taken yet.
  std::vector<Term> candidates() const {
    std::vector<Term> terms;
    for (std::size_t i = 0; i < nuisances_.size(); ++i) {
      const bool is_taken = std::any_of(taken_.begin(), taken_.end(),
                                        [&](const Term& term) { return term.nuisance == i; });
      if (is_taken) continue;
      terms.push_back({i, false});
      if (spans_orders(nuisances_[i])) terms.push_back({i, true});
    }
    return terms;
  }

  std::optional<Term> best_next() const {
    double least = kWorthwhile * press_with(taken_);
    std::optional<Term> best;
    for (const Term& term : candidates()) {
      std::vector<Term> more = taken_;
      more.push_back(term);
      const double press = press_with(more);
      if (!(press < least)) continue;
      least = press;
      best = term;
    }
    return best;
  }

  // From the runs that the regression is of, and from them alone.
  void subtract() {
    const Regression regression(with(taken_), losses_);
    Eigen::Index first = design_.cols();
    for (const Term& term : taken_) {
      const Eigen::MatrixXd columns = columns_of_term(term);
      const Eigen::VectorXd effect =
          effect_of(columns, regression.coefficients().segment(first, columns.cols()));
      for (std::size_t run = 0; run < runs_.size(); ++run) {
        *observations_[runs_[run]].loss -= effect[static_cast<Eigen::Index>(run)];
      }
      first += columns.cols();
    }
  }

  std::vector<Observation>& observations_;
  const std::vector<Nuisance>& nuisances_;
  const std::vector<std::size_t> runs_;
  const Eigen::MatrixXd design_;
  Eigen::VectorXd losses_;
  std::vector<Term> taken_;
};

}  // namespace

bool is_scattered(std::span<const double> batch_sizes) {
  constexpr std::size_t kMany = 8;
  const std::set<double> sizes(batch_sizes.begin(), batch_sizes.end());
  return sizes.size() >= kMany && kEnoughLrs * sizes.size() > batch_sizes.size();
}

std::optional<std::size_t> pool_batch_sizes(std::vector<Observation>& observations) {
  const Lrs lrs = lrs_of(observations);
  std::vector<double> all;
  all.reserve(observations.size());
  for (const Observation& run : observations) all.push_back(run.batch_size);
  const std::map<double, double> first_of =
      join_neighbours(lrs, is_scattered(all) ? kWidest : kNearlyEqual);
  std::map<double, std::pair<double, double>> sums;  // of logarithms, and their number
  for (const double size : all) {
    auto& [sum, count] = sums[first_of.at(size)];
    sum += std::log(size);
    count += 1.0;
  }
  if (sums.size() == lrs.size()) return std::nullopt;
  for (Observation& run : observations) {
    const auto& [sum, count] = sums.at(first_of.at(run.batch_size));
    run.batch_size = std::round(std::exp(sum / count));
  }
  return lrs.size();
}

std::vector<std::string> remove_nuisances(std::vector<Observation>& observations,
                                          const std::vector<Nuisance>& nuisances) {
  if (nuisances.empty()) return {};
  return NuisanceSearch(observations, nuisances).run();
}

}  // namespace etalon

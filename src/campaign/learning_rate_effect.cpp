#include "campaign/learning_rate_effect.hpp"

#include <Eigen/Dense>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace etalon {
namespace {

// With fewer degrees of freedom left over, what is plain to see would pass for chance.
constexpr double kLeastLeft = 4.0;

using Runs = std::vector<std::pair<double, double>>;  // ln η, loss

struct Explained {
  double by_means = 0.0, by_parabolas = 0.0;  // sums of squares that are left
  double parabolas = 0.0, runs = 0.0;
};

void add_batch_size(const Runs& runs, Explained& explained) {
  constexpr std::size_t kLeastRates = 4;
  std::set<double> rates;
  for (const auto& [v, loss] : runs) rates.insert(v);
  if (rates.size() < kLeastRates) return;
  const auto count = static_cast<Eigen::Index>(runs.size());
  Eigen::MatrixXd powers(count, 3);
  Eigen::VectorXd losses(count);
  const double middle = 0.5 * (*rates.begin() + *rates.rbegin());
  for (Eigen::Index i = 0; i < count; ++i) {
    const auto& [v, loss] = runs[static_cast<std::size_t>(i)];
    powers.row(i) << 1.0, v - middle, (v - middle) * (v - middle);
    losses[i] = loss;
  }
  const Eigen::VectorXd fit = powers.colPivHouseholderQr().solve(losses);
  explained.by_means += (losses.array() - losses.mean()).square().sum();
  explained.by_parabolas += (losses - powers * fit).squaredNorm();
  explained.parabolas += 1.0;
  explained.runs += static_cast<double>(count);
}

}  // namespace

std::optional<double> chance_of_effect(std::span<const Observation> observations) {
  std::map<double, Runs> by_batch_size;
  for (const Observation& run : observations) {
    if (!run.diverged()) by_batch_size[run.batch_size].emplace_back(std::log(run.lr), *run.loss);
  }
  Explained explained;
  for (const auto& [batch_size, runs] : by_batch_size) add_batch_size(runs, explained);
  const double more = 2.0 * explained.parabolas;
  const double left = explained.runs - 3.0 * explained.parabolas;
  if (left < kLeastLeft) return std::nullopt;
  if (explained.by_parabolas <= 0.0) return explained.by_means > 0.0 ? 0.0 : 1.0;
  const double ratio =
      (explained.by_means - explained.by_parabolas) / more / (explained.by_parabolas / left);
  return boost::math::cdf(boost::math::complement(
      boost::math::fisher_f_distribution<double>(more, left), std::max(ratio, 0.0)));
}

}  // namespace etalon

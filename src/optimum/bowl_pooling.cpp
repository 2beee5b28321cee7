#include "optimum/bowl_pooling.hpp"

#include <Eigen/Cholesky>
#include <cmath>

namespace etalon {
namespace {

using Moments = BowlPosterior::Moments;

// How a quantity may go with the batch size: the deviation of its slope in ln B, and those that its
// scatter about the line may have.
struct Trend {
  double slope;
  double scatters[3];
};
constexpr Trend kRateTrend = {0.1, {0.2, 0.4, 0.8}};
constexpr Trend kNoiseTrend = {0.3, {0.3, 0.6, 1.2}};
// Of the logarithm of the noise, whose unit is not known.
constexpr double kAnyNoise = 5.0;

// What was said of a quantity by one batch size alone.
struct Evidence {
  double u, mean, variance;
};

// What a posterior adds to its prior: one that hardly learned says no more than where it is, with
// little weight.
Moments without_prior(const Moments& posterior, const NormalPrior& prior) {
  constexpr double kLeastGain = 0.2;  // of precision, as a share of the prior's
  const double prior_precision = 1.0 / (prior.deviation * prior.deviation);
  const double precision = 1.0 / std::max(posterior.variance, 1e-12);
  const double gain = precision - prior_precision;
  if (gain < kLeastGain * prior_precision) {
    return {posterior.mean, 1.0 / (kLeastGain * prior_precision)};
  }
  return {(posterior.mean * precision - prior.mean * prior_precision) / gain, 1.0 / gain};
}

// What the others let expect at u: a line whose intercept has the prior `base`, with scatter.
NormalPrior expect(std::span<const Evidence> others, double u, const NormalPrior& base,
                   const Trend& trend) {
  const auto size = std::ssize(others);
  const double base_variance = base.deviation * base.deviation, slope = trend.slope * trend.slope;
  Eigen::MatrixXd shared(size, size);
  Eigen::VectorXd off(size), here(size), noise(size);
  for (Eigen::Index i = 0; i < size; ++i) {
    const Evidence& one = others[static_cast<std::size_t>(i)];
    for (Eigen::Index j = 0; j < size; ++j) {
      const double other = others[static_cast<std::size_t>(j)].u;
      shared(i, j) = base_variance + slope * (one.u - u) * (other - u);
    }
    here[i] = base_variance;  // u is the origin, where the slope is of no matter
    off[i] = one.mean - base.mean;
    noise[i] = one.variance;
  }
  double total = 0.0, mean = 0.0, squares = 0.0, first = 0.0;
  for (const double scatter : trend.scatters) {
    Eigen::MatrixXd covariance = shared;
    covariance.diagonal() += noise + Eigen::VectorXd::Constant(size, scatter * scatter);
    const Eigen::LLT<Eigen::MatrixXd> factor(covariance);
    const double log_evidence =
        -0.5 * off.dot(factor.solve(off)) - factor.matrixLLT().diagonal().array().log().sum();
    if (total == 0.0) first = log_evidence;
    const double weight = std::exp(std::min(log_evidence - first, 300.0));
    const double expected = base.mean + here.dot(factor.solve(off));
    const double variance = base_variance - here.dot(factor.solve(here)) + scatter * scatter;
    total += weight;
    mean += weight * expected;
    squares += weight * (variance + expected * expected);
  }
  mean /= total;
  return {mean, std::sqrt(std::max(squares / total - mean * mean, 1e-6))};
}

std::vector<Evidence> all_but(const std::vector<Evidence>& all, std::size_t one) {
  std::vector<Evidence> others = all;
  others.erase(others.begin() + static_cast<std::ptrdiff_t>(one));
  return others;
}

// As one batch size more would tell.
std::array<double, kSeedShares.size()> shares_of_others(const std::vector<BowlPosterior>& alone,
                                                        std::size_t one, const BowlPrior& broad) {
  std::array<double, kSeedShares.size()> logs = broad.log_shares;
  for (std::size_t i = 0; i < alone.size(); ++i) {
    if (i == one) continue;
    for (std::size_t k = 0; k < logs.size(); ++k)
      logs[k] += alone[i].log_of_shares()[k] / static_cast<double>(alone.size() - 1);
  }
  return logs;
}

double mean_of(std::span<const Evidence> all) {
  double sum = 0.0;
  for (const Evidence& each : all) sum += each.mean;
  return sum / static_cast<double>(all.size());
}

}  // namespace

std::vector<BowlPosterior> fit_bowls(std::span<const BowlData> data,
                                     std::span<const double> log_batch_sizes) {
  const BowlPrior broad = BowlPrior::broad();
  std::vector<BowlPosterior> alone;
  for (const BowlData& each : data) alone.emplace_back(each, broad);
  if (alone.size() < 2) return alone;
  std::vector<Evidence> above, below, noise;
  for (std::size_t i = 0; i < alone.size(); ++i) {
    const double u = log_batch_sizes[i];
    const Moments rate_above = without_prior(alone[i].log_rate_above(), broad.log_rate_above);
    const Moments rate_below = without_prior(alone[i].rate_below(), broad.rate_below);
    above.push_back({u, rate_above.mean, rate_above.variance});
    below.push_back({u, rate_below.mean, rate_below.variance});
    noise.push_back({u, alone[i].log_noise().mean, alone[i].log_noise().variance});
  }
  std::vector<BowlPosterior> pooled;
  for (std::size_t i = 0; i < alone.size(); ++i) {
    const double u = log_batch_sizes[i];
    const std::vector<Evidence> noises = all_but(noise, i);
    BowlPrior prior = broad;
    prior.log_rate_above = expect(all_but(above, i), u, broad.log_rate_above, kRateTrend);
    prior.rate_below = expect(all_but(below, i), u, broad.rate_below, kRateTrend);
    prior.log_noise = expect(noises, u, {mean_of(noises), kAnyNoise}, kNoiseTrend);
    prior.log_shares = shares_of_others(alone, i, broad);
    pooled.emplace_back(data[i], prior);
  }
  return pooled;
}

}  // namespace etalon

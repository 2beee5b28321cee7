#include "surface/balance_surface.hpp"

#include <algorithm>
#include <cmath>

namespace etalon {
namespace {

// Priors: of slopes and rates the median and the deviation of the logarithm, of shifts the mean and
// the deviation. A loss is told in rises over one octave from the optimum, a place in natural
// logarithms, so that slopes of about one and rates of about one are what a valley of any training
// has; progress is steepest, and how steep noise, instability and too few steps are is hardly
// known.
constexpr double kLevelDeviation = 5.0;
constexpr double kProgressSlope[] = {2.5, 0.8};
constexpr double kProgressRate[] = {0.5, 0.7};
constexpr double kProgressHeight[] = {20.0, 1.0};
constexpr double kNoiseSlope[] = {1.5, 1.2};
constexpr double kNoiseRate[] = {1.0, 0.5};
constexpr double kInstabilitySlope[] = {1.0, 1.5};
constexpr double kInstabilityRate[] = {1.5, 0.5};
constexpr double kStepsSlope[] = {1.0, 1.5};
constexpr double kStepsRate[] = {0.7, 0.5};
// Theory says 1 for SGD and 1/2 to 1 for Adam; decay and schedules blur both.
constexpr double kSgdShift[] = {1.0, 0.4};
constexpr double kAdaptiveShift[] = {0.75, 0.4};
// Of the ceiling's fall. A quadratic's does not fall, so that little is allowed under SGD;
// sign-like updates rise and fall.
constexpr double kSgdFall[] = {0.01, 1.5};
constexpr double kAdaptiveFall[] = {0.05, 1.0};

// Far from the data an exponential may overflow; that of this is more than any loss that matters.
constexpr double kMostExponent = 40.0;
// So large that a factor of an exponential need not be, and yet is a number.
constexpr double kMostFactorExponent = 700.0;

// Equally spaced places that are taken at once: a few factors for many of them.
constexpr int kBlock = 16;
// Of their distance: what adding up a step leaves.
constexpr double kSpacingError = 1e-9;

BalanceCosts costs_at(double u, double v) {
  return {Eigen::ArrayXd::Constant(1, u), Eigen::ArrayXd::Constant(1, v)};
}

bool is_equally_spaced(std::span<const double> v) {
  if (v.size() < 2) return false;
  const double step = (v.back() - v.front()) / static_cast<double>(v.size() - 1);
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double place = v.front() + static_cast<double>(i) * step;
    if (std::abs(v[i] - place) > kSpacingError * step) return false;
  }
  return true;
}

double exp_bounded(double exponent) { return std::exp(std::min(exponent, kMostExponent)); }

}  // namespace

BalanceSurface::Prior BalanceSurface::prior(UpdateKind kind) {
  const double* const shift = kind == UpdateKind::sgd ? kSgdShift : kAdaptiveShift;
  Prior prior;
  const auto set = [&](Parameter parameter, double mean, double deviation) {
    prior.mean[parameter] = mean;
    prior.deviation[parameter] = deviation;
  };
  const auto set_log = [&](Parameter parameter, const double(&median)[2]) {
    set(parameter, std::log(median[0]), median[1]);
  };
  set(kLevel, 0.0, kLevelDeviation);
  set(kKappa1, shift[0], shift[1]);
  set(kKappa2, shift[0], shift[1]);
  set_log(kLogA, kProgressSlope);
  set_log(kLogP, kProgressRate);
  set_log(kLogHeight, kProgressHeight);
  set_log(kLogC, kNoiseSlope);
  set_log(kLogQ, kNoiseRate);
  set_log(kLogD, kInstabilitySlope);
  set_log(kLogW, kInstabilityRate);
  set_log(kLogKappa3, kind == UpdateKind::sgd ? kSgdFall : kAdaptiveFall);
  set_log(kLogG, kStepsSlope);
  set_log(kLogH, kStepsRate);
  return prior;
}

double BalanceSurface::loss(const Parameters& parameters, double u, double v) {
  return costs_at(u, v).losses(parameters)[0];
}

double BalanceSurface::loss(const Parameters& parameters, double u, double v,
                            Parameters& gradient) {
  BalanceCosts costs = costs_at(u, v);
  const double value = costs.losses(parameters)[0];
  gradient = costs.gradient(Eigen::VectorXd::Ones(1));
  return value;
}

BalanceCosts::Coordinate::Coordinate(const Eigen::Ref<const Eigen::ArrayXd>& all) : values(all) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  distinct = Eigen::Map<const Eigen::ArrayXd>(sorted.data(), std::ssize(sorted));
  index.reserve(values.size());
  for (const double value : values) {
    index.push_back(std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin());
  }
}

BalanceCosts::BalanceCosts(const Eigen::Ref<const Eigen::ArrayXd>& u,
                           const Eigen::Ref<const Eigen::ArrayXd>& v)
    : u_(u), v_(v), of_u_(u_.distinct.size()), of_v_(v_.distinct.size()), losses_(u.size()) {
  for (Cost* cost : {&progress_, &noise_, &instability_, &steps_}) {
    cost->value.resize(u.size());
    cost->by_z.resize(u.size());
  }
}

void BalanceCosts::take(Cost& cost, double log_slope, double log_rate, double a, double b) {
  cost.slope = std::exp(log_slope);
  cost.rate = std::exp(log_rate);
  cost.a = a;
  cost.b = b;
  if (a != 0.0) of_u_ = cost.slope * (cost.rate * a * u_.distinct).min(kMostExponent).exp();
  if (b != 0.0) of_v_ = (cost.rate * b * v_.distinct).min(kMostExponent).exp();
  if (a == 0.0) {
    for (Eigen::Index i = 0; i < size(); ++i) cost.by_z[i] = cost.slope * of_v_[v_.index[i]];
  } else if (b == 0.0) {
    for (Eigen::Index i = 0; i < size(); ++i) cost.by_z[i] = of_u_[u_.index[i]];
  } else {
    for (Eigen::Index i = 0; i < size(); ++i) {
      cost.by_z[i] = of_u_[u_.index[i]] * of_v_[v_.index[i]];
    }
  }
  cost.value = (cost.by_z - cost.slope) / cost.rate;
}

// x = e^(...) becomes (M + 1)·x/(M + x).
void BalanceCosts::saturate(Cost& cost, double height) {
  const Eigen::ArrayXd x = cost.by_z / cost.slope;
  saturated_ = (x + height).inverse();
  cost.value = (cost.slope / cost.rate) * (height * (x - 1.0)) * saturated_;
  by_log_height_ = cost.value * x * saturated_;
  cost.by_z *= (height + 1.0) * height * saturated_.square();
}

const Eigen::VectorXd& BalanceCosts::losses(const Parameters& t) {
  using S = BalanceSurface;
  take(progress_, t[S::kLogA], t[S::kLogP], t[S::kKappa1], -1.0);
  saturate(progress_, std::exp(t[S::kLogHeight]));
  take(noise_, t[S::kLogC], t[S::kLogQ], -t[S::kKappa2], 1.0);
  take(instability_, t[S::kLogD], t[S::kLogW], std::exp(t[S::kLogKappa3]), 1.0);
  take(steps_, t[S::kLogG], t[S::kLogH], 1.0, 0.0);
  losses_.setConstant(t[S::kLevel]);
  for (const Cost* cost : {&progress_, &noise_, &instability_, &steps_}) {
    losses_.array() += cost->value;
  }
  return losses_;
}

BalanceCosts::Parameters BalanceCosts::gradient(const Eigen::VectorXd& weights) const {
  using S = BalanceSurface;
  const auto w = weights.array();
  const auto by_value = [&](const Cost& cost) { return (w * cost.value).sum(); };
  const auto by_u = [&](const Cost& cost) { return (w * cost.by_z * u_.values).sum(); };
  const auto by_v = [&](const Cost& cost) { return (w * cost.by_z * v_.values).sum(); };
  Parameters result;
  result[S::kLevel] = w.sum();
  result[S::kKappa1] = by_u(progress_);
  result[S::kLogA] = by_value(progress_);
  result[S::kLogP] = progress_.a * result[S::kKappa1] - by_v(progress_) - result[S::kLogA];
  result[S::kKappa2] = -by_u(noise_);
  result[S::kLogC] = by_value(noise_);
  result[S::kLogQ] = by_v(noise_) - noise_.a * result[S::kKappa2] - result[S::kLogC];
  result[S::kLogD] = by_value(instability_);
  result[S::kLogKappa3] = instability_.a * by_u(instability_);
  result[S::kLogW] = by_v(instability_) + result[S::kLogKappa3] - result[S::kLogD];
  result[S::kLogHeight] = (w * by_log_height_).sum();
  result[S::kLogG] = by_value(steps_);
  result[S::kLogH] = by_u(steps_) - result[S::kLogG];
  return result;
}

BalanceSurface::Jacobian BalanceCosts::jacobian() const {
  using S = BalanceSurface;
  const auto by_log_rate = [&](const Cost& cost) -> Eigen::ArrayXd {
    return cost.by_z * (cost.a * u_.values + cost.b * v_.values) - cost.value;
  };
  S::Jacobian result(size(), S::kCount);
  result.col(S::kLevel).setOnes();
  result.col(S::kLogA) = progress_.value;
  result.col(S::kLogP) = by_log_rate(progress_);
  result.col(S::kKappa1) = progress_.by_z * u_.values;
  result.col(S::kLogC) = noise_.value;
  result.col(S::kLogQ) = by_log_rate(noise_);
  result.col(S::kKappa2) = -noise_.by_z * u_.values;
  result.col(S::kLogD) = instability_.value;
  result.col(S::kLogW) = by_log_rate(instability_);
  result.col(S::kLogKappa3) = instability_.a * instability_.by_z * u_.values;
  result.col(S::kLogHeight) = by_log_height_;
  result.col(S::kLogG) = steps_.value;
  result.col(S::kLogH) = by_log_rate(steps_);
  return result;
}

BalanceCurve::BalanceCurve(double u, std::span<const double> v) : u_(u), exponentials_(v.size()) {
  const Eigen::Map<const Eigen::ArrayXd> all(v.data(), std::ssize(v));
  const Eigen::Index block = is_equally_spaced(v) ? std::min<Eigen::Index>(kBlock, all.size()) : 1;
  starts_ = all(Eigen::seq(0, Eigen::last, block));
  offsets_ = all.head(block) - all[0];
}

void BalanceCurve::take_exponentials(double rate, double shift) {
  static const double most = std::exp(kMostExponent);
  of_starts_ = (rate * (starts_ - shift)).min(kMostFactorExponent).exp();
  of_offsets_ = (rate * offsets_).min(kMostFactorExponent).exp();
  const Eigen::Index block = offsets_.size();
  for (Eigen::Index i = 0; i < starts_.size(); ++i) {
    const Eigen::Index size = std::min(block, exponentials_.size() - i * block);
    exponentials_.segment(i * block, size) = (of_starts_[i] * of_offsets_.head(size)).min(most);
  }
}

void BalanceCurve::add_losses(const Parameters& t, double shift, Eigen::Ref<Eigen::VectorXd> sum) {
  using S = BalanceSurface;
  struct Cost {
    S::Parameter log_slope, log_rate;
    double by_u, by_v;
  };
  const Cost costs[] = {{S::kLogA, S::kLogP, t[S::kKappa1], -1.0},
                        {S::kLogC, S::kLogQ, -t[S::kKappa2], 1.0},
                        {S::kLogD, S::kLogW, std::exp(t[S::kLogKappa3]), 1.0},
                        {S::kLogG, S::kLogH, 1.0, 0.0}};
  const double height = std::exp(t[S::kLogHeight]);
  double constant = t[S::kLevel];
  for (const Cost& cost : costs) {
    const double rate = std::exp(t[cost.log_rate]);
    const double scale = std::exp(t[cost.log_slope]) / rate;
    const double factor = exp_bounded(rate * cost.by_u * u_);
    constant -= scale;
    if (cost.by_v == 0.0) {
      constant += scale * factor;
      continue;
    }
    take_exponentials(rate * cost.by_v, shift);
    if (cost.log_slope == S::kLogA) {
      sum.array() +=
          scale * (height + 1.0) * factor * exponentials_ / (height + factor * exponentials_);
    } else {
      sum.array() += scale * factor * exponentials_;
    }
  }
  sum.array() += constant;
}

}  // namespace etalon

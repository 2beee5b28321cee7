// The loss near its optimum as a curve in ln η:
//   loss = a_seed + b x + c x² + d x³ + e x⁴ + f max(0, x)⁴,  x = ln(η/center).
//
// Seeds enter as fixed effects, so offsets between seeds cancel; runs whose seed is not known share
// one offset, and what their seeds add is part of their noise. The terms above x² allow for
// surfaces that are steeper on one side, the last for a loss that turns up towards divergence; they
// are shrunk towards zero by normal priors, because a few noisy points cannot tell them from the
// slope: where data say nothing about them, their uncertainty passes into the slope's.
//
// Losses of learning rates above the optimum are noisier, the more so the more they rise. The
// variance of a loss is s²·(1 + (excess/τ)²) above the least and s² below, with τ (possibly
// infinite) chosen by restricted maximum likelihood, so that steep noisy rows do not blur the
// valley. Pure and immutable.
#pragma once

#include <Eigen/Dense>
#include <cstddef>
#include <map>
#include <optional>
#include <vector>

namespace etalon {

struct FitPoint {
  double x = 0.0;          // ln(lr / center)
  std::size_t offset = 0;  // which: that of a seed, or that of all runs without
  double loss = 0.0;
  double excess = 0.0;  // first guess of how far the expected loss lies above its least, >= 0
};

class LocalFit {
 public:
  static constexpr int kTerms = 5;
  using Terms = Eigen::Matrix<double, kTerms, 1>;
  using TermsMatrix = Eigen::Matrix<double, kTerms, kTerms>;

  // Prior standard deviations of d/c, e/c and f/c. The noisy quadratic model (Zhang et al.
  // 2019, arXiv 1907.04164) at a fixed number of examples has d/c = −0.6 where noise limits the
  // learning rate; real losses turn up above the optimum by more than a quartic's worth.
  static constexpr double kCubic = 0.6;
  static constexpr double kQuartic = 0.3;
  static constexpr double kHinge = 2.5;

  // Empty when the points are too few to leave a residual degree of freedom or do not curve upward.
  static std::optional<LocalFit> fit(const std::vector<FitPoint>& points);

  double slope(double x) const;                     // of the expected loss in ln η
  double slope_deviation(double x) const;           // its standard error
  double difference(double from, double to) const;  // of the expected loss
  double difference_deviation(double from, double to) const;
  double curvature(double x) const;  // second derivative in ln η
  // The loss with an offset at x; empty if no point had it.
  std::optional<double> level(std::size_t offset, double x) const;
  // The mean of `level` over some offsets, which may repeat and all of which had points, and its
  // standard error at x.
  struct MeanLevel {
    Terms terms;            // mean over the offsets
    double variance = 0.0;  // of the offsets' own losses
  };
  MeanLevel mean_level(const std::vector<std::size_t>& offsets) const;
  double deviation(const MeanLevel& level, double x) const;

  double low() const { return low_; }  // the outermost places of points
  double high() const { return high_; }
  double noise() const { return noise_; }  // standard deviation of a loss near the least
  double noise_at(double x) const;         // at a place of points
  double degrees_of_freedom() const { return degrees_of_freedom_; }

 private:
  struct Offset {
    double loss = 0.0;            // weighted mean
    Terms terms = Terms::Zero();  // weighted mean
    double weight = 0.0;          // 0: no point had it
  };

  Terms coefficients_;  // b, c, d, e, f
  TermsMatrix covariance_;
  std::vector<Offset> offsets_;
  double low_ = 0.0, high_ = 0.0;
  std::map<double, double> weights_;  // by place
  double noise_ = 0.0;
  double degrees_of_freedom_ = 0.0;
};

}  // namespace etalon

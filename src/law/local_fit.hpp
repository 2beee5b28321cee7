// The loss near its optimum as a cubic in ln η: loss = a_seed + b x + c x² + d x³, x =
// ln(η/center).
//
// Seeds enter as fixed effects, so offsets between seeds cancel. The cubic term allows for surfaces
// that are steeper on one side; it is shrunk towards zero by a normal prior of standard deviation
// kAsymmetry·c, because a few noisy points cannot tell it from the slope: where data say nothing
// about it, its uncertainty passes into the slope's. Pure and immutable.
#pragma once

#include <Eigen/Dense>
#include <cstddef>
#include <optional>
#include <vector>

namespace etalon {

struct FitPoint {
  double x = 0.0;  // ln(lr / center)
  std::size_t seed = 0;
  double loss = 0.0;
};

class LocalFit {
 public:
  // Prior standard deviations of d/c and e/c. The noisy quadratic model (Zhang et al.
  // 2019, arXiv 1907.04164) at a fixed number of examples has −0.6 where noise limits the learning
  // rate.
  static constexpr double kCubic = 0.6;
  static constexpr double kQuartic = 0.3;

  // Empty when the points are too few to leave a residual degree of freedom or do not curve upward.
  static std::optional<LocalFit> fit(const std::vector<FitPoint>& points);

  double slope(double x) const;               // of the expected loss in ln η
  double slope_deviation(double x) const;     // its standard error
  double rise(double from, double to) const;  // of the expected loss
  double curvature(double x) const;           // second derivative in ln η
  double degrees_of_freedom() const { return degrees_of_freedom_; }

 private:
  Eigen::Vector4d coefficients_;  // b, c, d, e
  Eigen::Matrix4d covariance_;
  double degrees_of_freedom_ = 0.0;
};

}  // namespace etalon

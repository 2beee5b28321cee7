#include "advice/loss_curve.hpp"

// Boost's PCHIP calls isnan without a namespace.
#include <math.h>

#include <algorithm>
#include <boost/math/interpolators/pchip.hpp>
#include <cmath>
#include <iterator>
#include <vector>

namespace etalon::bench {
namespace {

using Curve = boost::math::interpolators::pchip<std::vector<double>>;

constexpr double kLeastSlopeAbove = 0.02;  // of the loss, an octave

// The one-sided three-point slope at an end, limited to keep the shape (as SciPy has it): widths
// and slopes of the end's interval and of the one beside it.
double end_slope(double width, double next_width, double slope, double next_slope) {
  const double raw =
      ((2.0 * width + next_width) * slope - width * next_slope) / (width + next_width);
  if (raw * slope <= 0.0) return 0.0;
  if (slope * next_slope < 0.0 && std::abs(raw) > 3.0 * std::abs(slope)) return 3.0 * slope;
  return raw;
}

}  // namespace

LossCurve::LossCurve(std::span<const Observation> observations) {
  std::map<double, int> counts;
  std::set<double> diverged;
  for (const Observation& observation : observations) {
    lrs_.insert(observation.lr);
    if (observation.diverged()) {
      diverged.insert(observation.lr);
    } else {
      losses_[observation.lr] += *observation.loss;
      ++counts[observation.lr];
    }
  }
  for (const double lr : diverged) losses_.erase(lr);
  for (auto& [lr, loss] : losses_) loss /= counts[lr];
  if (losses_.empty()) return;
  const auto best =
      std::min_element(losses_.begin(), losses_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  best_lr_ = best->first;
  least_ = best->second;
}

double LossCurve::nearest_lr(double lr) const {
  return *std::min_element(lrs_.begin(), lrs_.end(), [lr](double a, double b) {
    return std::abs(std::log(a / lr)) < std::abs(std::log(b / lr));
  });
}

std::optional<double> LossCurve::loss_at(double measured_lr) const {
  const auto found = losses_.find(measured_lr);
  if (found == losses_.end()) return std::nullopt;
  return found->second;
}

double LossCurve::regret(double lr) const {
  std::vector<double> x;
  std::vector<double> y;
  for (const auto& [measured, loss] : losses_) {
    x.push_back(std::log2(measured));
    y.push_back(loss);
  }
  const std::size_t n = x.size();
  const auto width = [&](std::size_t i) { return x[i + 1] - x[i]; };
  const auto slope = [&](std::size_t i) { return (y[i + 1] - y[i]) / width(i); };
  const double low = end_slope(width(0), width(1), slope(0), slope(1));
  const double high = end_slope(width(n - 2), width(n - 3), slope(n - 2), slope(n - 3));
  const double at = std::log2(lr);
  if (at <= x.front()) return y.front() + std::min(low, 0.0) * (at - x.front()) - least_;
  if (at >= x.back()) {
    return y.back() + std::max(high, kLeastSlopeAbove) * (at - x.back()) - least_;
  }
  return Curve(std::move(x), std::move(y), low, high)(at) - least_;
}

double parabola_optimum(const LossCurve& curve) {
  const auto& losses = curve.losses();
  auto first = losses.find(curve.best_lr());
  auto last = std::next(first);
  for (int i = 0; i < 2 && first != losses.begin(); ++i) --first;
  for (int i = 0; i < 2 && last != losses.end(); ++i) ++last;
  // Least squares of y = a + b·x + c·x² by the sums of powers, x relative to the best.
  double s[5] = {};
  double t[3] = {};
  for (auto point = first; point != last; ++point) {
    const double x = std::log(point->first / curve.best_lr());
    for (int k = 0; k < 5; ++k) s[k] += std::pow(x, k);
    for (int k = 0; k < 3; ++k) t[k] += std::pow(x, k) * (point->second - curve.least());
  }
  const auto determinant = [](double a, double b, double c, double d, double e, double f, double g,
                              double h, double i) {
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  };
  const double linear = determinant(s[0], t[0], s[2], s[1], t[1], s[3], s[2], t[2], s[4]);
  const double quadratic = determinant(s[0], s[1], t[0], s[1], s[2], t[1], s[2], s[3], t[2]);
  if (quadratic <= 0.0) return curve.best_lr();
  return std::clamp(curve.best_lr() * std::exp(-0.5 * linear / quadratic), losses.begin()->first,
                    losses.rbegin()->first);
}

}  // namespace etalon::bench

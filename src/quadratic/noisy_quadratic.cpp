#include <algorithm>
#include <cmath>
#include <utility>

#include "core/interval.hpp"
#include "etalon/quadratic.hpp"
#include "quadratic/log_minimum.hpp"

namespace etalon {
namespace {

// Below the stability limit by this factor no learning rate is looked for: about T = 1e13 updates
// would be needed to move at all.
constexpr double kLeastShareOfLimit = 1e-13;

// A learning rate is at most this share of the stability limit, where the long run is infinite.
constexpr double kMostShareOfLimit = 1.0 - 1e-9;

// E θ² without momentum, in closed form; `steps` need not be whole.
double plain_position(const QuadraticCoordinate& coordinate, const QuadraticUpdate& update,
                      double steps) {
  const double h = coordinate.curvature, c = coordinate.variance, lr = update.lr;
  const double room = 2 - lr * h;
  if (room == 0.0) return coordinate.start + steps * lr * lr * c / update.batch_size;
  const double q = std::pow((1 - lr * h) * (1 - lr * h), steps);
  return q * coordinate.start + (1 - q) * lr * c / (update.batch_size * h * room);
}

// Between whole updates it falls by a power, as it does in closed form without noise.
double position_with_momentum(const QuadraticCoordinate& coordinate, const QuadraticUpdate& update,
                              double steps) {
  const double whole = std::floor(steps), part = steps - whole;
  const auto at = [&](double count) {
    return moments_after(coordinate, update, static_cast<std::int64_t>(count)).position;
  };
  const double before = at(whole);
  return part == 0.0 ? before : std::pow(before, 1.0 - part) * std::pow(at(whole + 1.0), part);
}

}  // namespace

NoisyQuadratic::NoisyQuadratic(std::vector<QuadraticCoordinate> coordinates, double momentum)
    : coordinates_(std::move(coordinates)), momentum_(momentum) {
  if (coordinates_.empty()) throw InputError("a quadratic has no coordinate", "", "give it one");
  check_in(field_name("momentum"), momentum, kDecayCoefficient);
  for (const auto& [curvature, variance, start] : coordinates_) {
    check_in("the curvature of a quadratic", curvature, kPositive);
    check_in("the variance of a quadratic's gradient", variance, kPositive);
    check_in("the start of a quadratic", start, kPositive);
  }
}

double NoisyQuadratic::position(const QuadraticCoordinate& coordinate,
                                const QuadraticUpdate& update, double steps) const {
  return momentum_ == 0.0 ? plain_position(coordinate, update, steps)
                          : position_with_momentum(coordinate, update, steps);
}

double NoisyQuadratic::start_loss() const {
  double sum = 0.0;
  for (const QuadraticCoordinate& each : coordinates_) sum += 0.5 * each.curvature * each.start;
  return sum;
}

double NoisyQuadratic::stability_limit() const {
  double steepest = 0.0;
  for (const QuadraticCoordinate& each : coordinates_)
    steepest = std::max(steepest, each.curvature);
  return 2.0 * (1.0 + momentum_) / steepest;
}

double NoisyQuadratic::expected_loss(double batch_size, double lr, double steps) const {
  double sum = 0.0;
  for (const QuadraticCoordinate& each : coordinates_) {
    sum += 0.5 * each.curvature * position(each, {batch_size, lr, momentum_}, steps);
  }
  return sum;
}

double NoisyQuadratic::stationary_loss(double batch_size, double lr) const {
  double sum = 0.0;
  for (const QuadraticCoordinate& each : coordinates_) {
    sum += 0.5 * each.curvature * stationary_position(each, {batch_size, lr, momentum_});
  }
  return sum;
}

double NoisyQuadratic::best_lr(double batch_size, double steps) const {
  return log_argmin([&](double lr) { return expected_loss(batch_size, lr, steps); },
                    kLeastShareOfLimit * stability_limit(), kMostShareOfLimit * stability_limit());
}

double NoisyQuadratic::greedy_lr(double batch_size) const {
  double slope = 0.0, bend = 0.0;
  for (const auto& [h, c, a] : coordinates_) {
    slope += h * h * a;
    bend += h * h * h * a + h * c / batch_size;
  }
  return slope / bend;
}

QuadraticNoise NoisyQuadratic::noise_scales(double batch_size, double lr, double steps) const {
  double trace = 0.0, square = 0.0, weighted_trace = 0.0, weighted_square = 0.0;
  for (const QuadraticCoordinate& each : coordinates_) {
    const double h = each.curvature, a = position(each, {batch_size, lr, momentum_}, steps);
    trace += each.variance;
    square += h * h * a;
    weighted_trace += h * each.variance;
    weighted_square += h * h * h * a;
  }
  return {trace / square, weighted_trace / weighted_square};
}

}  // namespace etalon

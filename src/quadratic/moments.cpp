// The moments' recursion is affine in (A, C, M), so that T updates are the T-th power of one map.
#include <array>
#include <cmath>
#include <limits>

#include "etalon/quadratic.hpp"

namespace etalon {
namespace {

// Rows give A′, C′ and M′ of (A, C, M, 1).
using MomentMap = std::array<std::array<double, 4>, 3>;

MomentMap one_update(const QuadraticCoordinate& coordinate, const QuadraticUpdate& update) {
  const double h = coordinate.curvature, s = coordinate.variance / update.batch_size;
  const double lr = update.lr, beta = update.momentum, f = 1.0 - lr * h;
  return {{{f * f, -2.0 * lr * beta * f, lr * lr * beta * beta, lr * lr * s},
           {f * h, beta * (f - lr * h), -lr * beta * beta, -lr * s},
           {h * h, 2.0 * h * beta, beta * beta, s}}};
}

// First `first`, then `second`.
MomentMap composed(const MomentMap& second, const MomentMap& first) {
  MomentMap both{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 4; ++column) {
      both[row][column] = column == 3 ? second[row][3] : 0.0;
      for (std::size_t k = 0; k < 3; ++k) both[row][column] += second[row][k] * first[k][column];
    }
  }
  return both;
}

QuadraticMoments applied(const MomentMap& map, const QuadraticMoments& to) {
  const auto row = [&](std::size_t i) {
    return map[i][0] * to.position + map[i][1] * to.mixed + map[i][2] * to.velocity + map[i][3];
  };
  return {row(0), row(1), row(2)};
}

}  // namespace

QuadraticMoments moments_after(const QuadraticCoordinate& coordinate, const QuadraticUpdate& update,
                               std::int64_t steps) {
  QuadraticMoments moments{coordinate.start, 0.0, 0.0};
  MomentMap map = one_update(coordinate, update);
  for (std::int64_t left = steps; left > 0; left /= 2) {
    if (left % 2 == 1) moments = applied(map, moments);
    if (left > 1) map = composed(map, map);
  }
  return moments;
}

double stationary_position(const QuadraticCoordinate& coordinate, const QuadraticUpdate& update) {
  const double h = coordinate.curvature, sum = 1.0 + update.momentum;
  const double room = 2.0 * sum - update.lr * h;
  if (room <= 0.0) return std::numeric_limits<double>::infinity();
  return update.lr * (coordinate.variance / update.batch_size) * sum /
         (h * (1.0 - update.momentum) * room);
}

}  // namespace etalon

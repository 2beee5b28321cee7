#include <algorithm>
#include <cmath>

#include "etalon/bounds.hpp"
#include "etalon/noise_scale.hpp"

namespace etalon {
namespace {

std::optional<double> finite(double value) {
  return std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
}

// Of a monotone function, whose ends are those of its argument.
template <typename Function>
Estimated mapped(const NoiseScale& scale, Function function) {
  Estimated of{function(scale.value.value()), {}, {}};
  if (!scale.low || !scale.high) return of;
  const double one = function(*scale.low), other = function(*scale.high);
  of.low = finite(std::min(one, other));
  of.high = finite(std::max(one, other));
  return of;
}

}  // namespace

NoiseTradeOff trade_off_at(double batch_size, const NoiseScale& scale) {
  check_batch_size(batch_size);
  const double b = batch_size;
  return {b, mapped(scale, [b](double noise) { return 1.0 + noise / b; }),
          mapped(scale, [b](double noise) { return 1.0 + b / noise; }),
          mapped(scale, [b](double noise) { return b / (b + noise); })};
}

Estimated lr_factor(double batch_size, double new_batch_size, const NoiseScale& scale) {
  check_batch_size(batch_size);
  check_batch_size(new_batch_size);
  const double b = batch_size, to = new_batch_size;
  return mapped(scale, [=](double noise) { return (to / b) * (b + noise) / (to + noise); });
}

}  // namespace etalon

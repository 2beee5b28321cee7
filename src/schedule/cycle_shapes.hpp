// The shapes that rise and fall, and the momentum that runs against them.
#pragma once

#include "schedule/decay_shapes.hpp"

namespace etalon {

// From `from` to `to` as s goes from 0 to 1.
inline double between(double from, double to, DecayForm form, double s) {
  return to + (from - to) * falling(form, s);
}

inline double factor(const OneCycleShape& shape, double time) {
  const double start = 1 / shape.start_divisor;
  if (time < shape.rise) return between(start, 1, shape.form, part_done(time, shape.rise));
  return between(1, start / shape.end_divisor, shape.form,
                 part_done(time - shape.rise, shape.length - shape.rise));
}

inline std::optional<double> cycle_momentum(const OneCycleShape& shape, double time) {
  if (time < shape.rise) {
    return between(shape.momentum_high, shape.momentum_low, shape.form,
                   part_done(time, shape.rise));
  }
  return between(shape.momentum_low, shape.momentum_high, shape.form,
                 part_done(time - shape.rise, shape.length - shape.rise));
}

// The height of the triangle at this time, times what the mode leaves of it.
inline double cycle_height(const CyclicalShape& shape, double time) {
  const double period = shape.up + shape.down;
  const double cycle = std::floor(time / period);
  const double inside = time - cycle * period;
  const double height =
      inside <= shape.up ? inside / shape.up : std::max(0.0, (period - inside) / shape.down);
  switch (shape.mode) {
    case CycleMode::triangular:
      return height;
    case CycleMode::halving:
      return height * std::exp2(-cycle);
    case CycleMode::exponential:
      return height * std::pow(shape.gamma, time);
  }
  return height;
}

inline double factor(const CyclicalShape& shape, double time) {
  return above(shape.low, cycle_height(shape, time));
}

inline std::optional<double> cycle_momentum(const CyclicalShape& shape, double time) {
  if (!shape.momentum_low || !shape.momentum_high) return std::nullopt;
  return *shape.momentum_high -
         (*shape.momentum_high - *shape.momentum_low) * cycle_height(shape, time);
}

}  // namespace etalon

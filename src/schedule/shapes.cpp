#include "schedule/shapes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "schedule/shape_fields.hpp"

namespace etalon {
namespace {

// From 1 to 0 as s goes from 0 to 1.
double falling(DecayForm form, double s) {
  switch (form) {
    case DecayForm::linear:
      return 1 - s;
    case DecayForm::cosine:
      return (1 + std::cos(std::numbers::pi * s)) / 2;
    case DecayForm::one_minus_sqrt:
      return 1 - std::sqrt(s);
  }
  return 0;
}

double above_floor(double floor, double value) { return floor + (1 - floor) * value; }

double part_done(double time, double length) { return std::clamp(time / length, 0.0, 1.0); }

double factor_of(const ConstantShape&, double) { return 1; }

double factor_of(const StepShape& shape, double time) {
  return std::pow(shape.gamma, std::floor(time / shape.length));
}

double factor_of(const MultiStepShape& shape, double time) {
  const auto passed = std::upper_bound(shape.milestones.begin(), shape.milestones.end(), time) -
                      shape.milestones.begin();
  return std::pow(shape.gamma, static_cast<double>(passed));
}

double factor_of(const ExponentialShape& shape, double time) { return std::pow(shape.gamma, time); }

double factor_of(const InverseSqrtShape& shape, double time) {
  return std::sqrt(shape.length / (shape.length + time));
}

double factor_of(const PolynomialShape& shape, double time) {
  return above_floor(shape.floor, std::pow(1 - part_done(time, shape.length), shape.power));
}

double factor_of(const CosineShape& shape, double time) {
  return above_floor(shape.floor, falling(DecayForm::cosine, part_done(time, shape.length)));
}

double factor_of(const WarmRestartsShape& shape, double time) {
  // Cycle k starts at T(q^k − 1)/(q − 1); rounding may give the cycle beside it, so step to it.
  double start = 0, length = shape.length;
  if (shape.growth == 1) {
    start = std::floor(time / length) * length;
  } else {
    while (time >= start + length) {
      start += length;
      length *= shape.growth;
    }
  }
  return above_floor(shape.floor, falling(DecayForm::cosine, part_done(time - start, length)));
}

double factor_of(const StableDecayShape& shape, double time) {
  return above_floor(shape.floor, falling(shape.form, part_done(time - shape.stable, shape.decay)));
}

// From `from` to `to` as s goes from 0 to 1.
double between(double from, double to, DecayForm form, double s) {
  return to + (from - to) * falling(form, s);
}

double factor_of(const OneCycleShape& shape, double time) {
  const double start = 1 / shape.start_divisor;
  if (time < shape.rise) return between(start, 1, shape.form, part_done(time, shape.rise));
  return between(1, start / shape.end_divisor, shape.form,
                 part_done(time - shape.rise, shape.length - shape.rise));
}

std::optional<double> cycle_momentum(const OneCycleShape& shape, double time) {
  if (time < shape.rise) {
    return between(shape.momentum_high, shape.momentum_low, shape.form,
                   part_done(time, shape.rise));
  }
  return between(shape.momentum_low, shape.momentum_high, shape.form,
                 part_done(time - shape.rise, shape.length - shape.rise));
}

// The height of the triangle at this time, times what the mode leaves of it.
double cycle_height(const CyclicalShape& shape, double time) {
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

double factor_of(const CyclicalShape& shape, double time) {
  return above_floor(shape.low, cycle_height(shape, time));
}

std::optional<double> cycle_momentum(const CyclicalShape& shape, double time) {
  if (!shape.momentum_low || !shape.momentum_high) return std::nullopt;
  return *shape.momentum_high -
         (*shape.momentum_high - *shape.momentum_low) * cycle_height(shape, time);
}

template <typename T>
std::optional<double> cycle_momentum(const T&, double) {
  return std::nullopt;
}

std::optional<double> end_of(const ConstantShape&) { return 0.0; }
std::optional<double> end_of(const MultiStepShape& shape) {
  return shape.milestones.empty() ? 0.0 : shape.milestones.back();
}
std::optional<double> end_of(const PolynomialShape& shape) { return shape.length; }
std::optional<double> end_of(const CosineShape& shape) { return shape.length; }
std::optional<double> end_of(const StableDecayShape& shape) { return shape.stable + shape.decay; }
std::optional<double> end_of(const OneCycleShape& shape) { return shape.length; }
template <typename T>
std::optional<double> end_of(const T&) {
  return std::nullopt;
}

void check_momenta(const std::optional<double>& low, const std::optional<double>& high) {
  if (low.has_value() != high.has_value()) {
    throw InputError("only one of momentum_low and momentum_high is given", "in a schedule",
                     "give both or neither");
  }
  if (low && !(*low <= *high)) {
    refuse_value("momentum_low", *low, "at most momentum_high", "in a schedule");
  }
}

// What the fields of a shape must be to each other.
void check_whole(const OneCycleShape& shape) {
  if (!(shape.rise < shape.length)) {
    refuse_value("rise", shape.rise, "below length", "in a schedule");
  }
  if (shape.form == DecayForm::one_minus_sqrt) {
    throw InputError("form one-minus-sqrt does not fit one-cycle", "in a schedule",
                     "use linear or cosine");
  }
  check_momenta(shape.momentum_low, shape.momentum_high);
}
void check_whole(const CyclicalShape& shape) {
  check_momenta(shape.momentum_low, shape.momentum_high);
}
template <typename T>
void check_whole(const T&) {}

// Counts time in a unit of which there are `ratio` in one of the old.
struct Stretcher {
  double ratio;
  void operator()(const char*, double& time, const TimeRole&) const { time *= ratio; }
  void operator()(const char*, std::vector<double>& times, const TimeRole&) const {
    for (double& time : times) time *= ratio;
  }
  void operator()(const char*, double& rate, const RateRole&) const {
    rate = std::pow(rate, 1 / ratio);
  }
  template <typename T, typename Role>
  void operator()(const char*, T&, const Role&) const {}
};

}  // namespace

void validate_shape(const Shape& shape) {
  check_fields(shape);
  std::visit([](const auto& s) { check_whole(s); }, shape);
}

double shape_factor(const Shape& shape, double time) {
  return std::visit([time](const auto& s) { return factor_of(s, time); }, shape);
}

std::optional<double> shape_momentum(const Shape& shape, double time) {
  return std::visit([time](const auto& s) { return cycle_momentum(s, time); }, shape);
}

std::optional<double> shape_end(const Shape& shape) {
  return std::visit([](const auto& s) { return end_of(s); }, shape);
}

Shape stretch(const Shape& shape, double ratio) {
  Shape stretched = shape;
  const Stretcher stretcher{ratio};
  std::visit([&stretcher](auto& s) { describe(stretcher, s); }, stretched);
  return stretched;
}

}  // namespace etalon

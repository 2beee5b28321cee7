#include "schedule/shapes.hpp"

#include <cmath>

#include "schedule/check.hpp"
#include "schedule/cycle_shapes.hpp"

namespace etalon {
namespace {

using namespace schedule_check;

void check(const ConstantShape&) {}

void check(const StepShape& shape) {
  positive("length", shape.length);
  decay_factor("gamma", shape.gamma);
}

void check(const MultiStepShape& shape) {
  decay_factor("gamma", shape.gamma);
  double last = 0;
  for (const double milestone : shape.milestones) {
    require(milestone > last, "milestone", milestone, "ascending milestones above 0");
    last = milestone;
  }
}

void check(const ExponentialShape& shape) { decay_factor("gamma", shape.gamma); }

void check(const PolynomialShape& shape) {
  positive("length", shape.length);
  positive("power", shape.power);
  fraction("floor", shape.floor);
}

void check(const CosineShape& shape) {
  positive("length", shape.length);
  fraction("floor", shape.floor);
}

void check(const WarmRestartsShape& shape) {
  positive("length", shape.length);
  at_least_one("growth", shape.growth);
  fraction("floor", shape.floor);
}

void check(const StableDecayShape& shape) {
  not_negative("stable", shape.stable);
  positive("decay", shape.decay);
  fraction("floor", shape.floor);
}

void check_momenta(double low, double high) {
  require(low >= 0 && low <= high, "momentum_low", low, "0 <= momentum_low <= momentum_high");
  require(high < 1, "momentum_high", high, "momentum_high < 1");
}

void check(const OneCycleShape& shape) {
  positive("length", shape.length);
  require(shape.rise > 0 && shape.rise < shape.length, "rise", shape.rise, "0 < rise < length");
  at_least_one("start_divisor", shape.start_divisor);
  at_least_one("end_divisor", shape.end_divisor);
  if (shape.form == DecayForm::one_minus_sqrt) {
    throw InputError("form one-minus-sqrt does not fit one-cycle", "in a schedule",
                     "use linear or cosine");
  }
  check_momenta(shape.momentum_low, shape.momentum_high);
}

void check(const CyclicalShape& shape) {
  positive("up", shape.up);
  positive("down", shape.down);
  fraction("low", shape.low);
  decay_factor("gamma", shape.gamma);
  if (shape.momentum_low.has_value() != shape.momentum_high.has_value()) {
    throw InputError("only one of momentum_low and momentum_high is given", "in a schedule",
                     "give both or neither");
  }
  if (shape.momentum_low) check_momenta(*shape.momentum_low, *shape.momentum_high);
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

void multiply(ConstantShape&, double) {}
void multiply(MultiStepShape& shape, double ratio) {
  for (double& milestone : shape.milestones) milestone *= ratio;
}
void multiply(ExponentialShape& shape, double ratio) {
  shape.gamma = std::pow(shape.gamma, 1 / ratio);
}
void multiply(StableDecayShape& shape, double ratio) {
  shape.stable *= ratio;
  shape.decay *= ratio;
}
void multiply(OneCycleShape& shape, double ratio) {
  shape.length *= ratio;
  shape.rise *= ratio;
}
void multiply(CyclicalShape& shape, double ratio) {
  shape.up *= ratio;
  shape.down *= ratio;
  shape.gamma = std::pow(shape.gamma, 1 / ratio);
}
template <typename T>
void multiply(T& shape, double ratio) {
  shape.length *= ratio;
}

}  // namespace

void validate_shape(const Shape& shape) {
  std::visit([](const auto& s) { check(s); }, shape);
}

double shape_factor(const Shape& shape, double time) {
  return std::visit([time](const auto& s) { return factor(s, time); }, shape);
}

std::optional<double> shape_momentum(const Shape& shape, double time) {
  return std::visit([time](const auto& s) { return cycle_momentum(s, time); }, shape);
}

std::optional<double> shape_end(const Shape& shape) {
  return std::visit([](const auto& s) { return end_of(s); }, shape);
}

Shape stretch(const Shape& shape, double ratio) {
  Shape stretched = shape;
  std::visit([ratio](auto& s) { multiply(s, ratio); }, stretched);
  return stretched;
}

}  // namespace etalon

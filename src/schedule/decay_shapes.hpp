// The shapes that fall from 1: see etalon/schedule.hpp for the equations.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "etalon/schedule.hpp"

namespace etalon {

// From 1 to 0 as s goes from 0 to 1.
inline double falling(DecayForm form, double s) {
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

inline double above(double floor, double value) { return floor + (1 - floor) * value; }

inline double part_done(double time, double length) { return std::clamp(time / length, 0.0, 1.0); }

inline double factor(const ConstantShape&, double) { return 1; }

inline double factor(const StepShape& shape, double time) {
  return std::pow(shape.gamma, std::floor(time / shape.length));
}

inline double factor(const MultiStepShape& shape, double time) {
  const auto passed = std::upper_bound(shape.milestones.begin(), shape.milestones.end(), time) -
                      shape.milestones.begin();
  return std::pow(shape.gamma, static_cast<double>(passed));
}

inline double factor(const ExponentialShape& shape, double time) {
  return std::pow(shape.gamma, time);
}

inline double factor(const PolynomialShape& shape, double time) {
  return above(shape.floor, std::pow(1 - part_done(time, shape.length), shape.power));
}

inline double factor(const CosineShape& shape, double time) {
  return above(shape.floor, falling(DecayForm::cosine, part_done(time, shape.length)));
}

inline double factor(const WarmRestartsShape& shape, double time) {
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
  return above(shape.floor, falling(DecayForm::cosine, part_done(time - start, length)));
}

inline double factor(const StableDecayShape& shape, double time) {
  return above(shape.floor, falling(shape.form, part_done(time - shape.stable, shape.decay)));
}

}  // namespace etalon

// An exponential moving average of the weights, one update per step:
//
//   a ← ρ a + (1 − ρ) w,   a = w before the first step
//
// Source: Polyak and Juditsky 1992; in this form Tarvainen and Valpola 2017, arXiv 1703.01780. One
// training and one thread.
#pragma once

#include <span>

#include "core/aligned_vector.hpp"

namespace etalon {

class WeightAverage {
 public:
  // `decay` is ρ in [0, 1). Throws InputError for any other.
  WeightAverage(double decay, std::span<const float> weights);

  // With `steps` other than 1, ρ^steps in place of ρ: one update that stands for so many.
  void update(std::span<const float> weights, double steps = 1.0);
  std::span<float> average() { return average_; }
  std::span<const float> average() const { return average_; }

 private:
  double decay_;
  AlignedVector average_;
};

}  // namespace etalon

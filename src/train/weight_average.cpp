#include "train/weight_average.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/simd.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace weight_average_detail {  // cloned functions need external linkage, see core/simd.hpp

ETALON_SIMD_CLONES void update(float decay, float rest, const float* __restrict weights,
                               float* __restrict average, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) average[i] = decay * average[i] + rest * weights[i];
}

}  // namespace weight_average_detail

WeightAverage::WeightAverage(double decay, std::span<const float> weights)
    : decay_(decay), average_(weights.begin(), weights.end()) {
  if (!(decay >= 0.0 && decay < 1.0)) {
    throw InputError(fmt::format("{} is {}", field_name("ema"), decay), "", "it must be in [0, 1)");
  }
}

void WeightAverage::update(std::span<const float> weights, double steps) {
  const double decay = steps == 1.0 ? decay_ : std::pow(decay_, steps);
  weight_average_detail::update(static_cast<float>(decay), static_cast<float>(1.0 - decay),
                                weights.data(), average_.data(), weights.size());
}

}  // namespace etalon

// Norms that no mean gradient has: what is wrong with them, and the usual causes. Pure.
#pragma once

#include <string>

#include "etalon/noise_scale.hpp"

namespace etalon {

// Of the norms that an estimate is made of.
struct NormTrend {
  double small_batch_size = 0.0, small_squared_norm = 0.0;       // means, at the least batch size
  double big_batch_size = 0.0, big_squared_norm = 0.0;           // means, at the greatest
  double least_squared_norm = 0.0, greatest_squared_norm = 0.0;  // of all
};

// Throws InputError, placed at `source`, for norms that are all one, that do not fall with the
// batch size, or that fall faster than 1/B.
void check_norms(const NormTrend& trend, const NoiseScale& scale, const std::string& source);

}  // namespace etalon

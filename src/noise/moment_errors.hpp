// From the two moments with their errors to the noise scale: what all estimators end in. Pure.
#pragma once

#include <span>

#include "etalon/noise_scale.hpp"

namespace etalon {

struct MomentErrors {
  NoiseMoments moments;
  double gradient_variance = 0.0;    // of Ĝ²
  double covariance_variance = 0.0;  // of Ŝ
  double covariation = 0.0;          // of both
  double degrees_of_freedom = 0.0;   // of these; 0: no error is known
  std::int64_t measurements = 0;
  double examples = 0.0;
};

// Sets the variances to the jackknife's, (K − 1)/K · Σ (θ_k − θ̄)² over the moments `left_out` that
// are left without each of K >= 2 groups in turn.
void add_jackknife(std::span<const NoiseMoments> left_out, MomentErrors& errors);

NoiseScale noise_scale_of(const MomentErrors& errors, const NoiseScaleOptions& options);

// `value` is `field`'s. Throws InputError for what is not finite or below `least`.
void check_moment(const char* field, double value, double least);

}  // namespace etalon

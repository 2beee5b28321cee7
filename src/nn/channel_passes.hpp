// The passes of batch and group norm over images channels last.
#pragma once

#include <cstdint>

#include "core/aligned_vector.hpp"

namespace etalon {

// Over `rows` pixels of some channels each. Not thread-safe.
class ChannelPasses {
 public:
  explicit ChannelPasses(std::int64_t channels);

  // What y is in the other passes: x·scale + shift of each channel, and maybe max(0, it).
  void set_map(const float* scale, const float* shift, bool relu);

  // Adds to each channel's sums Σ (x - origin) and Σ (x - origin)², where the origin is its value
  // in the first row, so that a large mean costs no digits.
  void add_moments(const float* src, std::int64_t rows, double* sums, double* squares);
  // dst = y; a NaN stays visible.
  void map(const float* src, float* dst, std::int64_t rows) const;
  // With g = diff_dst, or 0 where y is held at 0: adds to each channel's sums Σ g and
  // Σ g·(x - mean).
  void add_gradient_moments(const float* src, const float* diff_dst, std::int64_t rows,
                            const float* mean, double* sums, double* products);
  // diff_src = g·a + x·b + c of each channel.
  void combine(const float* src, const float* diff_dst, float* diff_src, std::int64_t rows,
               const float* a, const float* b, const float* c);

 private:
  void repeat(const float* values, AlignedVector& to) const;
  void add_sums_to(double* sums, double* others);

  // A loop over few channels is too short for vectors: rows are taken several at once, as one of
  // `width_` values, for which each channel's number is repeated.
  const std::int64_t channels_, width_;
  bool relu_ = false;
  AlignedVector scale_, shift_, origin_, a_, b_, c_, sums_, others_;  // each of width_
};

}  // namespace etalon

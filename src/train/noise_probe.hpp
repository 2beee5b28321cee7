// The gradient noise scale of a training in progress, for a batch-size ramp that follows it.
//
// A measurement takes n chunks of b training examples at the weights as they are; with g_i the
// gradient of a chunk, ḡ their mean and B = n·b,
//
//   |g_b|² = mean |g_i|²,   |g_B|² = |ḡ|²
//   G² = (B|g_B|² − b|g_b|²) / (B − b),   S = (|g_b|² − |g_B|²) / (1/b − 1/B)
//
// estimate the squared length of the true gradient and the trace of the per-example covariance
// without bias. Both are averaged over the measurements, each as heavy as all before it, and the
// noise scale is S̄/Ḡ². Source: McCandlish et al. 2018, arXiv 1812.06162, appendix A. The examples
// are drawn from a stream of their own, so measuring changes nothing in the training. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/aligned_vector.hpp"
#include "data/dataset.hpp"
#include "train/batch_gradient.hpp"

namespace etalon {

class NoiseProbe {
 public:
  // `data` must outlive it.
  NoiseProbe(const DataSplits& data, const ModelSpec& model, std::uint64_t seed);

  // B_simple = tr Σ / |G|² in examples, at the weights after `step` updates. Empty where the
  // estimate of |G|² is not above 0: the scale is undefined there.
  std::optional<double> measure(std::span<const float> weights, std::int64_t step);

  // The averages so far; equal ones go on equally.
  struct State {
    double gradient = 0.0;    // Ḡ²
    double covariance = 0.0;  // S̄
    std::int64_t measurements = 0;
  };
  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  const DataSplits& data_;
  const std::uint64_t seed_;
  BatchGradient gradient_;
  AlignedVector chunk_;  // g_i
  std::vector<double> sum_;
  State state_;
};

}  // namespace etalon

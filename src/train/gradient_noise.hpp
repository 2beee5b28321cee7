// The gradient noise of a network at given weights: |G|², tr Σ and B_simple over the training set,
// whole and of each layer, from the gradients of single examples; and the variance of the gradient
// at batch sizes, measured directly.
//
// Examples are drawn from a stream of their own, so measuring changes nothing in a training. The
// gradients of single examples are exact: dense layers know their norms, see nn/layer.hpp; with
// convolutions each example is taken through the network alone. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/aligned_vector.hpp"
#include "core/random.hpp"
#include "data/dataset.hpp"
#include "etalon/noise_scale.hpp"
#include "etalon/stop_flag.hpp"
#include "model/parameters.hpp"
#include "nn/network.hpp"

namespace etalon {

struct GradientNoiseOptions {
  static constexpr std::int64_t kGroups = 32;
  // Of a measurement, drawn with replacement: a multiple of kGroups, in [64, 10^7].
  std::int64_t examples = 2048;
  NoiseScaleOptions scale{};
  void validate() const;  // throws InputError naming field, value and constraint
};

struct MeasuredNoise {
  NoiseScale whole;
  std::vector<LayerNoise> layers;  // that have parameters, in their order
};

// Over batches of B different examples out of a pool of N, whose mean gradient is ḡ and whose
// covariance has the trace S.
struct GradientVariance {
  std::int64_t batch_size = 0;
  std::int64_t batches = 0;
  double measured = 0.0;        // mean |g_B − ḡ|² over the batches
  double standard_error = 0.0;  // of that
  double expected = 0.0;        // S/B · (N − B)/(N − 1), the factor of a finite population
  double line = 0.0;            // S/B
};

// A layer that has parameters: its place in the model, and theirs in the flat vector.
struct TrainedLayer {
  std::string name;
  std::size_t index = 0, begin = 0, end = 0;
};

class GradientNoise {
 public:
  // `data` must outlive it.
  GradientNoise(const DataSplits& data, const ModelSpec& model, std::uint64_t seed,
                const GradientNoiseOptions& options = {});

  // At the weights after `step` updates, which name the examples that are drawn. Empty where `stop`
  // was requested.
  std::optional<MeasuredNoise> measure(std::span<const float> weights, std::int64_t step,
                                       const StopFlag& stop = {});

  // At batch sizes 1, 2, 4, ... up to half of the pool. Of no use where `stop` was requested.
  std::vector<GradientVariance> variances(std::span<const float> weights, std::int64_t step,
                                          const StopFlag& stop = {});

 private:
  struct Groups {
    std::vector<std::vector<GradientGroup>> layers;
    AlignedVector mean;  // gradient of all groups
  };

  NoiseScale scale_of(const std::vector<GradientGroup>& groups) const;
  // Of whole groups of `indices`; empty where `stop` was requested.
  std::optional<Groups> compute_groups(std::span<const float> weights,
                                       std::span<const std::uint32_t> indices,
                                       const StopFlag& stop);
  void compute_group(std::span<const float> weights, std::span<const std::uint32_t> indices,
                     std::span<float> gradient, Groups& groups, std::size_t group);
  void compute_each(std::span<const float> weights, std::span<const std::uint32_t> indices,
                    std::span<float> gradient, Groups& groups, std::size_t group);
  void run(Network& network, std::span<const float> weights, std::span<const std::uint32_t> indices,
           const GradientSink& sink) const;
  void measure_variance(std::span<const float> weights, std::vector<std::uint32_t>& pool,
                        const AlignedVector& mean, RandomStream& stream, GradientVariance& at,
                        const StopFlag& stop) const;

  const DataSplits& data_;
  const ModelSpec model_;
  const std::uint64_t seed_;
  const GradientNoiseOptions options_;
  const std::int64_t group_size_;
  const std::vector<TrainedLayer> layers_;
  const std::size_t parameters_;
  Network group_;
  std::optional<Network> one_;  // where the norms of single examples are not known
  std::vector<double> norms_;
};

}  // namespace etalon

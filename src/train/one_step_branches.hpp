// One-step branches of a network: from the same weights, plain SGD takes one step with each of many
// learning rates along the gradient of each of many batches, and the loss after it is measured. The
// direct measurement of what noise/curvature_noise.hpp predicts.
//
// The loss of a branch is that of training examples drawn for its batch, other than the batch's
// own, so that all rates of a batch are compared on the same examples, and the mean over the
// batches is over all of them. Rates are a factor of √2 apart and are added on either side until
// the best one has two on each. Draws are from streams of their own. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/aligned_vector.hpp"
#include "data/dataset.hpp"
#include "etalon/stop_flag.hpp"
#include "nn/network.hpp"
#include "noise/one_step.hpp"

namespace etalon {

struct OneStepOptions {
  std::vector<std::int64_t> batch_sizes{};  // each in [1, 10^7]
  std::int64_t batches = 64;                // of each batch size, in [2, 10^5]
  // On which the loss of one batch's branches is measured; in [1, 10^7].
  std::int64_t loss_examples = 512;
  void validate() const;  // throws InputError naming field, value and constraint
};

class OneStepBranches {
 public:
  // `data` must outlive it. Keeps a gradient for each batch.
  OneStepBranches(const DataSplits& data, const ModelSpec& model, std::uint64_t seed,
                  const OneStepOptions& options);

  // At the weights after `step` updates. The search for the best rate of batches of B examples
  // begins at first_lr(B) > 0. Empty where the loss at these weights is not finite, and
  // where `stop` was requested.
  std::vector<Branches> measure(std::span<const float> weights, std::int64_t step,
                                const std::function<double(double)>& first_lr,
                                const StopFlag& stop = {});

 private:
  static constexpr std::size_t kMostRates = 25;  // a factor of 2^12 between the first and the last
  static constexpr std::size_t kMargin = 2;      // rates on either side of the best

  static int wanted_side(const Branches& branches);
  std::size_t batches() const { return static_cast<std::size_t>(options_.batches); }
  // All of it is cut short, and of no use, where `stop` was requested.
  Branches measure_at(std::span<const float> weights, std::int64_t step, std::int64_t batch_size,
                      double first_lr, const StopFlag& stop);
  void draw(std::span<const float> weights, std::int64_t step, std::int64_t batch_size,
            const StopFlag& stop);
  void add_rate(Branches& branches, std::span<const float> weights, double lr,
                const StopFlag& stop);
  double loss_of(std::span<const float> weights, std::size_t batch);

  const DataSplits& data_;
  const ModelSpec model_;
  const std::uint64_t seed_;
  const OneStepOptions options_;
  Network network_;  // of the examples whose loss is measured
  std::size_t parameters_;
  std::vector<std::uint32_t> loss_indices_;  // of each batch
  std::vector<double> losses_before_;        // the step, of each batch
  AlignedVector gradients_;                  // of each batch
  AlignedVector moved_;                      // the weights after a step
};

}  // namespace etalon

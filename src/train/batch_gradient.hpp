// The gradient of the mean loss over one window of examples, in micro-batches that fit the memory.
//
// The mean is over the whole window: a micro-batch of n examples of a window of B adds n/B times
// its own mean, so that micro-batches of different sizes weigh as they should. The last micro-batch
// of a window may be smaller; a network for its size is compiled when it first comes up, and kept
// as long as the size stays the same. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "data/augmentation.hpp"
#include "data/dataset.hpp"
#include "etalon/stop_flag.hpp"
#include "nn/network.hpp"

namespace etalon {

class BatchGradient {
 public:
  // `data` must outlive it. `micro_batch` >= 1.
  BatchGradient(const DataSplits& data, const ModelSpec& model, std::int64_t micro_batch);

  // From now on images are changed as those of a training are that sees windows as set_randomness
  // says.
  void augment(const Augmentation& augmentation);

  // From the next window on; a network for a size that is new is compiled here.
  void set_micro_batch(std::int64_t micro_batch);

  // What random layers and augmentation draw from in the next window, whose first example is
  // `first_example`.
  void set_randomness(const Randomness& randomness) { randomness_ = randomness; }
  // Moves the running statistics in `weights` by what the windows since the last call saw.
  void update_statistics(float* weights);

  // Leaves scale · gradient in `sink`, as GradientSink says, for the window of training examples at
  // `indices`, of any size >= 1. With sink.data = weights the window must be one micro-batch.
  // Cut short between micro-batches, and of no use, where `stop` was requested.
  BatchLoss compute(const float* weights, std::span<const std::uint32_t> indices,
                    const GradientSink& sink, const StopFlag& stop = {});

 private:
  Network& network_for(std::size_t size);
  void put(std::span<const std::uint32_t> indices, const Randomness& randomness, Network& network);

  const DataSplits& data_;
  const ModelSpec model_;
  std::size_t micro_batch_;
  Randomness randomness_;
  std::optional<Network> whole_;
  std::optional<Network> rest_;
  std::optional<Augmenter> augmenter_;
};

}  // namespace etalon

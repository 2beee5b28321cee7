// One training: sampler -> network -> optimizer, one step at a time.
//
// Everything is compiled and allocated at construction; `step` allocates nothing of its own. The
// result depends on the options alone: the same options give the same bits on the same machine. One
// thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/aligned_vector.hpp"
#include "data/dataset.hpp"
#include "data/sampler.hpp"
#include "nn/network.hpp"
#include "nn/parameters.hpp"
#include "optim/optimizer.hpp"

namespace etalon {

class Trainer {
 public:
  // `data` must outlive the trainer.
  Trainer(const DataSplits& data, const ModelSpec& model, const OptimizerOptions& optimizer,
          std::int64_t batch_size, std::uint64_t seed);

  // Gathers the next batch, computes its gradient and updates the weights. The loss is that of the
  // batch before the update.
  BatchLoss step(float lr);

  std::span<float> weights() { return weights_; }
  std::span<const float> weights() const { return weights_; }

 private:
  const DataSplits& data_;
  Network network_;
  Sampler sampler_;
  std::unique_ptr<Optimizer> optimizer_;
  AlignedVector weights_;
  AlignedVector diff_weights_;  // empty where the optimizer is plain descent
  std::vector<std::uint32_t> indices_;
};

}  // namespace etalon

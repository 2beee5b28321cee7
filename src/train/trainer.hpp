// One training: sampler -> network -> clipping -> optimizer -> weight average, one step at a time.
//
// Everything is compiled and allocated at construction, and again where the batch size changes;
// `step` allocates nothing of its own. The result depends on the options alone: the same options
// give the same bits on processors of the same kind. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/aligned_vector.hpp"
#include "data/dataset.hpp"
#include "data/sampler.hpp"
#include "model/parameters.hpp"
#include "optim/optimizer.hpp"
#include "train/batch_gradient.hpp"
#include "train/clipping.hpp"
#include "train/weight_average.hpp"

namespace etalon {

struct TrainerOptions {
  OptimizerOptions optimizer;
  std::int64_t batch_size = 32;  // examples that one update averages over, >= 1
  std::int64_t micro_batch = 0;  // examples in one pass, in [1, largest batch]; 0: all of them
  ClippingOptions clipping{};
  std::optional<double> ema{};     // ρ of an average of the weights, in [0, 1)
  std::int64_t largest_batch = 0;  // that set_batch_size will give, >= batch_size; 0: batch_size
  Augmentation augmentation{};     // of the training images
  void validate() const;
};

class Trainer {
 public:
  // `data` must outlive the trainer.
  Trainer(const DataSplits& data, const ModelSpec& model, const TrainerOptions& options,
          std::uint64_t seed);
  Trainer(const DataSplits& data, const ModelSpec& model, const OptimizerOptions& optimizer,
          std::int64_t batch_size, std::uint64_t seed);

  // Gathers the next batch, computes its gradient and updates the weights. The loss is that of the
  // batch before the update.
  BatchLoss step(float lr);

  // Examples per update from the next step on, in [1, largest batch], with weights and optimizer
  // as they are. In the average of the weights one update then stands for `average_steps`.
  void set_batch_size(std::int64_t batch_size, double average_steps);

  void set_momentum(double momentum) { optimizer_->set_momentum(momentum); }
  double clipped_fraction() const { return clipper_.clipped_fraction(); }

  std::span<float> weights() { return weights_; }
  std::span<const float> weights() const { return weights_; }
  // The average of the weights if there is one, otherwise the weights: what to evaluate.
  std::span<const float> averaged_weights() const;

  // Everything that changes from step to step, as views; with the examples seen so far it is all
  // that a checkpoint needs.
  struct State {
    std::vector<std::span<float>> vectors;  // weights, optimizer, average
    std::int64_t optimizer_steps = 0;
    GradientClipper::Counts clipping;
  };
  State state();
  // Goes on from a state whose vectors were written into `state().vectors`: the counts, and the
  // place in the order of examples. On a fresh trainer only.
  void resume(std::int64_t optimizer_steps, const GradientClipper::Counts& clipping,
              std::int64_t examples_seen);

 private:
  std::int64_t micro_batch_of(std::int64_t batch_size) const;
  void choose_sink();

  const TrainerOptions options_;
  std::int64_t batch_size_;
  double average_steps_ = 1.0;
  BatchGradient gradient_;
  Sampler sampler_;
  const std::uint64_t seed_;
  std::int64_t examples_seen_ = 0;
  const std::size_t parameters_;  // of the weights, those that are trained
  std::unique_ptr<Optimizer> optimizer_;
  GradientClipper clipper_;
  AlignedVector weights_;
  bool in_place_ = false;       // the gradient goes straight into the weights
  AlignedVector diff_weights_;  // empty where in_place_
  std::optional<WeightAverage> average_;
  std::vector<std::uint32_t> indices_;
};

}  // namespace etalon

#include "train/trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "core/flush_denormals.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

TrainerOptions validated(TrainerOptions options) {
  options.validate();
  if (options.micro_batch == 0) options.micro_batch = options.batch_size;
  return options;
}

}  // namespace

void TrainerOptions::validate() const {
  optimizer.validate();
  clipping.validate();
  if (batch_size < 1) {
    throw InputError(fmt::format("the batch size is {}", batch_size), "", "it must be >= 1");
  }
  if (micro_batch < 0 || micro_batch > batch_size) {
    throw InputError(fmt::format("--micro-batch is {}", micro_batch), "",
                     fmt::format("it must be in [1, {}], the batch size", batch_size));
  }
}

Trainer::Trainer(const DataSplits& data, const ModelSpec& model, const TrainerOptions& options,
                 std::uint64_t seed)
    : options_(validated(options)),
      gradient_(data, model, options_.micro_batch),
      sampler_(static_cast<std::uint32_t>(data.train.size()), seed),
      optimizer_(make_optimizer(options_.optimizer, parameter_layout(model))),
      clipper_(options_.clipping),
      weights_(initial_weights(parameter_layout(model), seed)),
      in_place_(optimizer_->is_plain_descent() && !options_.clipping.any() &&
                options_.micro_batch == options_.batch_size),
      diff_weights_(in_place_ ? 0 : weights_.size()),
      indices_(static_cast<std::size_t>(options_.batch_size)) {
  if (options_.ema) average_.emplace(*options_.ema, weights_);
}

Trainer::Trainer(const DataSplits& data, const ModelSpec& model, const OptimizerOptions& optimizer,
                 std::int64_t batch_size, std::uint64_t seed)
    : Trainer(data, model, TrainerOptions{optimizer, batch_size}, seed) {}

BatchLoss Trainer::step(float lr) { return step(lr, options_.batch_size); }

BatchLoss Trainer::step(float lr, std::int64_t examples) {
  assert(examples >= 1 && examples <= options_.batch_size);
  const FlushDenormals flush_denormals;
  const std::span<std::uint32_t> window(indices_.data(), static_cast<std::size_t>(examples));
  sampler_.next(window);
  BatchLoss loss;
  if (in_place_) {
    loss = gradient_.compute(weights_.data(), window, {weights_.data(), -lr, true});
  } else {
    loss = gradient_.compute(weights_.data(), window, {diff_weights_.data(), 1.0f, false});
    if (options_.clipping.any()) clipper_.clip(diff_weights_);
    optimizer_->step(lr, diff_weights_, weights_);
  }
  if (average_) average_->update(weights_);
  return loss;
}

std::span<const float> Trainer::averaged_weights() const {
  return average_ ? average_->average() : std::span<const float>(weights_);
}

Trainer::State Trainer::state() {
  State state;
  OptimizerState optimizer = optimizer_->state();
  state.vectors.emplace_back(weights_);
  state.vectors.insert(state.vectors.end(), optimizer.vectors.begin(), optimizer.vectors.end());
  if (average_) state.vectors.push_back(average_->average());
  if (optimizer.steps != nullptr) state.optimizer_steps = *optimizer.steps;
  state.clipping = clipper_.counts();
  return state;
}

void Trainer::resume(std::int64_t optimizer_steps, const GradientClipper::Counts& clipping,
                     std::int64_t examples_seen) {
  OptimizerState optimizer = optimizer_->state();
  if (optimizer.steps != nullptr) *optimizer.steps = optimizer_steps;
  clipper_.restore(clipping);
  while (examples_seen > 0) {
    const auto count = std::min(examples_seen, static_cast<std::int64_t>(indices_.size()));
    sampler_.next({indices_.data(), static_cast<std::size_t>(count)});
    examples_seen -= count;
  }
}

}  // namespace etalon

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
  if (options.largest_batch == 0) options.largest_batch = options.batch_size;
  return options;
}

}  // namespace

void TrainerOptions::validate() const {
  optimizer.validate();
  clipping.validate();
  if (batch_size < 1) {
    throw InputError(fmt::format("the batch size is {}", batch_size), "", "it must be >= 1");
  }
  const std::int64_t largest = std::max(batch_size, largest_batch);
  if (micro_batch < 0 || micro_batch > largest) {
    throw InputError(fmt::format("{} is {}", field_name("micro_batch"), micro_batch), "",
                     fmt::format("it must be in [1, {}], the batch size", largest));
  }
}

Trainer::Trainer(const DataSplits& data, const ModelSpec& model, const TrainerOptions& options,
                 std::uint64_t seed)
    : options_(validated(options)),
      batch_size_(options_.batch_size),
      gradient_(data, model, micro_batch_of(batch_size_)),
      sampler_(static_cast<std::uint32_t>(data.train.size()), seed),
      seed_(seed),
      parameters_(static_cast<std::size_t>(parameter_layout(model).size)),
      optimizer_(make_optimizer(options_.optimizer, parameter_layout(model))),
      clipper_(options_.clipping),
      weights_(initial_weights(parameter_layout(model), seed)),
      indices_(static_cast<std::size_t>(options_.largest_batch)) {
  if (options_.ema) average_.emplace(*options_.ema, weights_);
  gradient_.augment(options_.augmentation);
  choose_sink();
}

Trainer::Trainer(const DataSplits& data, const ModelSpec& model, const OptimizerOptions& optimizer,
                 std::int64_t batch_size, std::uint64_t seed)
    : Trainer(data, model, TrainerOptions{optimizer, batch_size}, seed) {}

std::int64_t Trainer::micro_batch_of(std::int64_t batch_size) const {
  return options_.micro_batch == 0 ? batch_size : std::min(options_.micro_batch, batch_size);
}

void Trainer::choose_sink() {
  in_place_ = optimizer_->is_plain_descent() && !options_.clipping.any() &&
              micro_batch_of(batch_size_) == batch_size_;
  if (!in_place_) diff_weights_.resize(parameters_);
}

void Trainer::set_batch_size(std::int64_t batch_size, double average_steps) {
  assert(batch_size >= 1 && batch_size <= options_.largest_batch);
  average_steps_ = average_steps;
  if (batch_size == batch_size_) return;
  batch_size_ = batch_size;
  gradient_.set_micro_batch(micro_batch_of(batch_size));
  choose_sink();
}

BatchLoss Trainer::step(float lr) {
  const FlushDenormals flush_denormals;
  const std::span<std::uint32_t> window(indices_.data(), static_cast<std::size_t>(batch_size_));
  sampler_.next(window);
  gradient_.set_randomness({seed_, examples_seen_});
  examples_seen_ += batch_size_;
  BatchLoss loss;
  if (in_place_) {
    loss = gradient_.compute(weights_.data(), window, {weights_.data(), -lr, true});
  } else {
    loss = gradient_.compute(weights_.data(), window, {diff_weights_.data(), 1.0f, false});
    if (options_.clipping.any()) clipper_.clip(diff_weights_);
    optimizer_->step(lr, diff_weights_, std::span(weights_).first(parameters_));
  }
  gradient_.update_statistics(weights_.data());
  if (average_) average_->update(weights_, average_steps_);
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
  examples_seen_ = examples_seen;
  while (examples_seen > 0) {
    const auto count = std::min(examples_seen, static_cast<std::int64_t>(indices_.size()));
    sampler_.next({indices_.data(), static_cast<std::size_t>(count)});
    examples_seen -= count;
  }
}

}  // namespace etalon

#include "train/trainer.hpp"

#include "data/gather.hpp"

namespace etalon {

Trainer::Trainer(const DataSplits& data, const ModelSpec& model, const OptimizerOptions& optimizer,
                 std::int64_t batch_size, std::uint64_t seed)
    : data_(data),
      network_(model, batch_size, Network::Mode::training),
      sampler_(static_cast<std::uint32_t>(data.train.size()), seed),
      weights_(initial_weights(parameter_layout(model), seed)),
      indices_(static_cast<std::size_t>(batch_size)) {
  optimizer_ = make_optimizer(optimizer, weights_.size());
  if (!optimizer_->is_plain_descent()) diff_weights_.resize(weights_.size());
}

BatchLoss Trainer::step(float lr) {
  sampler_.next(indices_);
  gather(data_.train, data_.normalization, indices_, network_.src(), network_.labels());
  network_.forward(weights_.data());
  if (optimizer_->is_plain_descent()) {
    return network_.loss_and_backward(weights_.data(), {weights_.data(), -lr, true});
  }
  const BatchLoss batch =
      network_.loss_and_backward(weights_.data(), {diff_weights_.data(), 1.0f, false});
  optimizer_->step(lr, diff_weights_, weights_);
  return batch;
}

}  // namespace etalon

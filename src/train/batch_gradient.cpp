#include "train/batch_gradient.hpp"

#include <algorithm>

#include "train/put_examples.hpp"

namespace etalon {

BatchGradient::BatchGradient(const DataSplits& data, const ModelSpec& model,
                             std::int64_t micro_batch)
    : data_(data), model_(model), micro_batch_(static_cast<std::size_t>(micro_batch)) {
  whole_.emplace(model, micro_batch, Network::Mode::training);
}

void BatchGradient::set_micro_batch(std::int64_t micro_batch) {
  if (static_cast<std::size_t>(micro_batch) == micro_batch_) return;
  micro_batch_ = static_cast<std::size_t>(micro_batch);
  whole_.reset();  // its memory first
  whole_.emplace(model_, micro_batch, Network::Mode::training);
}

Network& BatchGradient::network_for(std::size_t size) {
  if (size == micro_batch_) return *whole_;
  const auto count = static_cast<std::int64_t>(size);
  if (!rest_ || rest_->batch_size() != count) {
    rest_.reset();  // its memory first
    rest_.emplace(model_, count, Network::Mode::training);
  }
  return *rest_;
}

void BatchGradient::update_statistics(float* weights) {
  whole_->update_statistics(weights);
  if (rest_) rest_->update_statistics(weights);
}

void BatchGradient::augment(const Augmentation& augmentation) {
  if (augmentation.any()) augmenter_.emplace(augmentation);
}

void BatchGradient::put(std::span<const std::uint32_t> indices, const Randomness& randomness,
                        Network& network) {
  network.set_randomness(randomness);
  if (!augmenter_) return put_examples(data_.train, data_.normalization, indices, network);
  augmenter_->gather(data_.train, data_.normalization, randomness.seed,
                     static_cast<std::uint64_t>(randomness.first_example), indices, network.src(),
                     network.labels());
}

BatchLoss BatchGradient::compute(const float* weights, std::span<const std::uint32_t> indices,
                                 const GradientSink& sink, const StopFlag& stop) {
  BatchLoss total;
  GradientSink part = sink;
  const auto window = static_cast<float>(indices.size());
  for (std::size_t first = 0; first < indices.size(); first += micro_batch_) {
    if (stop.requested()) break;
    const std::size_t size = std::min(micro_batch_, indices.size() - first);
    Network& network = network_for(size);
    put(indices.subspan(first, size),
        {randomness_.seed, randomness_.first_example + static_cast<std::int64_t>(first)}, network);
    network.forward(weights);
    part.scale = sink.scale * (static_cast<float>(size) / window);
    const BatchLoss loss = network.loss_and_backward(weights, part);
    part.accumulate = true;
    total.loss_sum += loss.loss_sum;
    total.correct += loss.correct;
  }
  return total;
}

}  // namespace etalon

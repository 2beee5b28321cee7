#include "nn/softmax_loss.hpp"

#include <algorithm>
#include <cmath>

namespace etalon {
namespace {

// One row: its loss, and exp(logits - max) / scale left in `exponentials`, where asked for.
double row_loss(const float* logits, std::int64_t classes, std::int32_t label, float* exponentials,
                float scale) {
  const float largest = *std::max_element(logits, logits + classes);
  float sum = 0.0f;
  for (std::int64_t i = 0; i < classes; ++i) {
    const float exponential = std::exp(logits[i] - largest);
    if (exponentials != nullptr) exponentials[i] = exponential;
    sum += exponential;
  }
  if (exponentials != nullptr) {
    const float factor = scale / sum;
    for (std::int64_t i = 0; i < classes; ++i) exponentials[i] *= factor;
    exponentials[label] -= scale;
  }
  return static_cast<double>(std::log(sum)) - static_cast<double>(logits[label] - largest);
}

BatchLoss loss_of(const float* logits, std::span<const std::int32_t> labels, std::int64_t classes,
                  float* diff_logits) {
  BatchLoss batch;
  const float scale = 1.0f / static_cast<float>(labels.size());
  for (const std::int32_t label : labels) {
    batch.loss_sum += row_loss(logits, classes, label, diff_logits, scale);
    const auto best = std::max_element(logits, logits + classes) - logits;
    batch.correct += best == label ? 1 : 0;
    logits += classes;
    if (diff_logits != nullptr) diff_logits += classes;
  }
  return batch;
}

}  // namespace

BatchLoss softmax_loss(std::span<const float> logits, std::span<const std::int32_t> labels,
                       std::int64_t classes) {
  return loss_of(logits.data(), labels, classes, nullptr);
}

BatchLoss softmax_loss_and_gradient(std::span<const float> logits,
                                    std::span<const std::int32_t> labels, std::int64_t classes,
                                    std::span<float> diff_logits) {
  return loss_of(logits.data(), labels, classes, diff_logits.data());
}

}  // namespace etalon

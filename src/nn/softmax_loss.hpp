// Softmax cross-entropy over the logits of a batch.
//
//   loss_n = -ln softmax(logits_n)[label_n],  ∂(mean loss)/∂logits_n = (softmax(logits_n) - onehot)
//   / N
//
// Computed in float with the row's maximum subtracted, summed in double. Pure functions.
#pragma once

#include <cstdint>
#include <span>

namespace etalon {

struct BatchLoss {
  double loss_sum = 0.0;     // over the examples of the batch; not finite when a logit is not
  std::int64_t correct = 0;  // examples whose largest logit is that of their label
};

// `logits` is (N, classes), `labels` has N entries in [0, classes).
BatchLoss softmax_loss(std::span<const float> logits, std::span<const std::int32_t> labels,
                       std::int64_t classes);

// The same, and leaves the gradient of the mean loss in `diff_logits`, shaped as `logits`.
BatchLoss softmax_loss_and_gradient(std::span<const float> logits,
                                    std::span<const std::int32_t> labels, std::int64_t classes,
                                    std::span<float> diff_logits);

}  // namespace etalon

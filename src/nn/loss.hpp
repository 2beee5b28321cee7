// The losses of a batch, and their gradients. Pure functions.
#pragma once

#include <cstdint>
#include <span>

namespace etalon {

struct BatchLoss {
  double loss_sum = 0.0;  // over the examples of the batch; not finite when an answer is not
  double correct =
      0.0;  // rows whose largest logit is that of their label, as a share of an example
};

// Softmax cross-entropy over `classes` logits a row:
//   loss_n = -ln softmax(logits_n)[label_n],  ∂(mean loss)/∂logits_n = (softmax(logits_n) - onehot)
//   / N
// Computed in float with the row's maximum subtracted, summed in double over rows.
// With `smoothing` s in [0, 1) the label has 1 - s + s / classes of the weight and every other
// class s / classes (Szegedy et al. 2015, arXiv 1512.00567), as PyTorch has it.
struct SoftmaxLoss {
  std::int64_t classes = 0;
  std::int64_t rows_of_example = 1;  // positions of a text, over which an example's loss is a mean
  double smoothing = 0.0;

  // `logits` is (N, classes), `labels` has N entries in [0, classes).
  BatchLoss loss(std::span<const float> logits, std::span<const std::int32_t> labels) const;
  // The same, and leaves the gradient of the mean loss in `diff_logits`, shaped as `logits`.
  BatchLoss loss_and_gradient(std::span<const float> logits, std::span<const std::int32_t> labels,
                              std::span<float> diff_logits) const;
};

// The mean of (answer - target)² over the `outputs` of an example, as PyTorch's MSELoss.
struct SquaredLoss {
  std::int64_t outputs = 1;

  BatchLoss loss(std::span<const float> answers, std::span<const float> targets) const;
  BatchLoss loss_and_gradient(std::span<const float> answers, std::span<const float> targets,
                              std::span<float> diff_answers) const;
};

}  // namespace etalon

#include "nn/loss.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/simd.hpp"
#include "nn/activation_math.hpp"

namespace etalon {

// Cloned functions need external linkage, see core/simd.hpp.
namespace loss_detail {

// exp(logits - largest) of a wide row, and their sum.
ETALON_SIMD_CLONES float wide_exponentials(const float* logits, std::int64_t classes, float largest,
                                           float* exponentials) {
  constexpr std::int64_t kLanes = 16;
  for (std::int64_t i = 0; i < classes; ++i) exponentials[i] = fast_exp(logits[i] - largest);
  float lanes[kLanes] = {}, sum = 0.0f;
  std::int64_t i = 0;
  for (; i + kLanes <= classes; i += kLanes) {
    for (std::int64_t k = 0; k < kLanes; ++k) lanes[k] += exponentials[i + k];
  }
  for (; i < classes; ++i) sum += exponentials[i];
  for (const float lane : lanes) sum += lane;
  return sum;
}

ETALON_SIMD_CLONES float largest_of(const float* values, std::int64_t size) {
  constexpr std::int64_t kLanes = 16;
  float lanes[kLanes];
  std::fill_n(lanes, kLanes, values[0]);
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::int64_t k = 0; k < kLanes; ++k) {
      lanes[k] = values[i + k] > lanes[k] ? values[i + k] : lanes[k];
    }
  }
  for (; i < size; ++i) lanes[0] = values[i] > lanes[0] ? values[i] : lanes[0];
  return *std::max_element(lanes, lanes + kLanes);
}

}  // namespace loss_detail

namespace {

// From so many classes on, exponentials are worth vector instructions.
constexpr std::int64_t kWide = 32;

float few_exponentials(const float* logits, std::int64_t classes, float largest,
                       float* exponentials) {
  float sum = 0.0f;
  for (std::int64_t i = 0; i < classes; ++i) {
    exponentials[i] = std::exp(logits[i] - largest);
    sum += exponentials[i];
  }
  return sum;
}

// One row: leaves exp(logits - largest) in `exponentials`.
struct Row {
  Row(const float* logits, std::int64_t classes, float* exponentials) {
    if (classes < kWide) {
      largest = *std::max_element(logits, logits + classes);
      sum = few_exponentials(logits, classes, largest, exponentials);
    } else {
      largest = loss_detail::largest_of(logits, classes);
      sum = loss_detail::wide_exponentials(logits, classes, largest, exponentials);
    }
  }
  float largest = 0.0f, sum = 0.0f;
};

class SoftmaxRows {
 public:
  SoftmaxRows(const SoftmaxLoss& options, std::size_t rows)
      : options_(options), scale_(1.0f / static_cast<float>(rows)) {}

  // `exponentials` becomes the gradient where `with_gradient`.
  void add(const float* logits, std::int32_t label, float* exponentials, bool with_gradient) {
    const Row row(logits, options_.classes, exponentials);
    loss_.loss_sum +=
        static_cast<double>(std::log(row.sum)) - static_cast<double>(logits[label] - row.largest);
    if (options_.smoothing > 0.0) add_smoothing(logits, label);
    loss_.correct += is_best(logits, label, row.largest) ? 1.0 : 0.0;
    if (with_gradient) differentiate(row.sum, label, exponentials);
  }

  BatchLoss result() const {
    const auto rows = static_cast<double>(options_.rows_of_example);
    return {loss_.loss_sum / rows, loss_.correct / rows};
  }

 private:
  // The first of equals counts as the best.
  bool is_best(const float* logits, std::int32_t label, float largest) const {
    return logits[label] == largest && std::find(logits, logits + label, largest) == logits + label;
  }

  // -Σ weight·ln p with weights s / classes on all, in place of s on the label.
  void add_smoothing(const float* logits, std::int32_t label) {
    double mean = 0.0;
    for (std::int64_t i = 0; i < options_.classes; ++i) mean += static_cast<double>(logits[i]);
    mean /= static_cast<double>(options_.classes);
    loss_.loss_sum += options_.smoothing * (static_cast<double>(logits[label]) - mean);
  }

  void differentiate(float sum, std::int32_t label, float* exponentials) const {
    const float factor = scale_ / sum;
    const auto classes = static_cast<float>(options_.classes);
    const auto smoothing = static_cast<float>(options_.smoothing);
    for (std::int64_t i = 0; i < options_.classes; ++i) exponentials[i] *= factor;
    if (smoothing > 0.0f) {
      for (std::int64_t i = 0; i < options_.classes; ++i) {
        exponentials[i] -= scale_ * smoothing / classes;
      }
    }
    exponentials[label] -= scale_ * (1.0f - smoothing);
  }

  const SoftmaxLoss& options_;
  const float scale_;
  BatchLoss loss_;
};

}  // namespace

BatchLoss SoftmaxLoss::loss(std::span<const float> logits,
                            std::span<const std::int32_t> labels) const {
  SoftmaxRows rows(*this, labels.size());
  std::vector<float> exponentials(static_cast<std::size_t>(classes));
  const float* row = logits.data();
  for (const std::int32_t label : labels) {
    rows.add(row, label, exponentials.data(), false);
    row += classes;
  }
  return rows.result();
}

BatchLoss SoftmaxLoss::loss_and_gradient(std::span<const float> logits,
                                         std::span<const std::int32_t> labels,
                                         std::span<float> diff_logits) const {
  SoftmaxRows rows(*this, labels.size());
  for (std::size_t n = 0; n < labels.size(); ++n) {
    const std::size_t at = n * static_cast<std::size_t>(classes);
    rows.add(logits.data() + at, labels[n], diff_logits.data() + at, true);
  }
  return rows.result();
}

BatchLoss SquaredLoss::loss(std::span<const float> answers, std::span<const float> targets) const {
  double sum = 0.0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto distance = static_cast<double>(answers[i] - targets[i]);
    sum += distance * distance;
  }
  return {sum / static_cast<double>(outputs), 0.0};
}

BatchLoss SquaredLoss::loss_and_gradient(std::span<const float> answers,
                                         std::span<const float> targets,
                                         std::span<float> diff_answers) const {
  const float scale = 2.0f / static_cast<float>(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    diff_answers[i] = scale * (answers[i] - targets[i]);
  }
  return loss(answers, targets);
}

}  // namespace etalon

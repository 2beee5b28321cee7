#include "optim/adafactor.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/simd.hpp"
#include "optim/norms.hpp"

namespace etalon {
namespace adafactor_detail {  // cloned functions need external linkage, see core/simd.hpp

constexpr float kEps = 1e-30f;  // keeps the mean square of what has no gradient above 0

// Adds g² + ε of one row to the columns' sums, and gives their sum.
ETALON_SIMD_CLONES float add_row(const float* __restrict diff_weights, float* __restrict columns,
                                 std::size_t size) {
  float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (std::size_t i = 0; i < size; ++i) {
    const float square = diff_weights[i] * diff_weights[i] + kEps;
    columns[i] += square;
    sum += square;
  }
  return sum;
}

// Renews the means by sums, of which a mean is a share, and puts 1/√mean in their place.
ETALON_SIMD_CLONES void renew(float fresh, float share, float* __restrict means,
                              float* __restrict sums, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    means[i] += fresh * (share * sums[i] - means[i]);
    sums[i] = 1.0f / std::sqrt(means[i]);
  }
}

// Of one row of U over its row's scale: the sum of squares.
ETALON_SIMD_CLONES float scaled_square(const float* __restrict diff_weights,
                                       const float* __restrict scales, std::size_t size) {
  float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (std::size_t i = 0; i < size; ++i) {
    const float scaled = diff_weights[i] * scales[i];
    sum += scaled * scaled;
  }
  return sum;
}

ETALON_SIMD_CLONES void descend_scaled(float lr, float decay, const float* __restrict diff_weights,
                                       const float* __restrict scales, float* __restrict weights,
                                       std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    weights[i] = decay * weights[i] - lr * (diff_weights[i] * scales[i]);
  }
}

// Of a tensor that is no matrix: renews v, writes 1/√v.
ETALON_SIMD_CLONES void renew_each(float fresh, const float* __restrict diff_weights,
                                   float* __restrict means, float* __restrict scales,
                                   std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    means[i] += fresh * (diff_weights[i] * diff_weights[i] + kEps - means[i]);
    scales[i] = 1.0f / std::sqrt(means[i]);
  }
}

}  // namespace adafactor_detail

namespace {

constexpr double kMeanDecay = 0.8;  // β = 1 − t^−0.8

// η over max(1, rms(U)): the clipping of the update, whose threshold is 1.
double clipped(float lr, double sum_of_squares, std::size_t size) {
  return lr / std::max(1.0, std::sqrt(sum_of_squares / static_cast<double>(size)));
}

}  // namespace

Adafactor::Adafactor(const OptimizerOptions& options, const ParameterLayout& layout)
    : weight_decay_(options.weight_decay.value()) {
  for (const Segment& segment : layout.segments) add(segment);
}

void Adafactor::add(const Segment& segment) {
  const auto size = static_cast<std::size_t>(segment.size);
  const std::optional<MatrixShape> shape = matrix_of(segment);
  const std::size_t rows = shape ? static_cast<std::size_t>(shape->rows) : 0;
  const std::size_t columns = shape ? static_cast<std::size_t>(shape->columns) : size;
  parts_.push_back({shape, static_cast<std::size_t>(segment.offset), size, factors_.size()});
  factors_.resize(factors_.size() + rows + columns, 0.0f);
  row_scales_.resize(std::max(row_scales_.size(), rows));
  column_scales_.resize(std::max(column_scales_.size(), columns));
}

void Adafactor::step(float lr, std::span<const float> diff_weights, std::span<float> weights) {
  const double fresh = std::pow(static_cast<double>(++steps_), -kMeanDecay);
  const Step step = {lr, static_cast<float>(1.0 - lr * weight_decay_), static_cast<float>(fresh)};
  for (const Part& part : parts_) {
    const float* part_diff_weights = diff_weights.data() + part.offset;
    float* part_weights = weights.data() + part.offset;
    if (part.shape) {
      step_matrix(part, step, part_diff_weights, part_weights);
    } else {
      step_vector(part, step, part_diff_weights, part_weights);
    }
  }
}

// Renews R and C, and writes the scales that make U of G: √(mean(R) / R) and 1/√C.
void Adafactor::observe(const MatrixShape& shape, float fresh, const float* diff_weights,
                        float* rows) {
  const auto row_count = static_cast<std::size_t>(shape.rows);
  const auto column_count = static_cast<std::size_t>(shape.columns);
  std::fill_n(column_scales_.begin(), column_count, 0.0f);
  for (std::size_t i = 0; i < row_count; ++i) {
    row_scales_[i] = adafactor_detail::add_row(diff_weights + i * column_count,
                                               column_scales_.data(), column_count);
  }
  adafactor_detail::renew(fresh, 1.0f / static_cast<float>(column_count), rows, row_scales_.data(),
                          row_count);
  adafactor_detail::renew(fresh, 1.0f / static_cast<float>(row_count), rows + row_count,
                          column_scales_.data(), column_count);
  const double mean = std::accumulate(rows, rows + row_count, 0.0) / static_cast<double>(row_count);
  for (std::size_t i = 0; i < row_count; ++i) row_scales_[i] *= static_cast<float>(std::sqrt(mean));
}

void Adafactor::step_matrix(const Part& part, const Step& step, const float* diff_weights,
                            float* weights) {
  observe(*part.shape, step.fresh, diff_weights, factors_.data() + part.factors_offset);
  const auto rows = static_cast<std::size_t>(part.shape->rows);
  const auto columns = static_cast<std::size_t>(part.shape->columns);
  double sum = 0.0;
  for (std::size_t i = 0; i < rows; ++i) {
    const double scale = static_cast<double>(row_scales_[i]);
    sum += scale * scale *
           static_cast<double>(adafactor_detail::scaled_square(diff_weights + i * columns,
                                                               column_scales_.data(), columns));
  }
  const double lr = clipped(step.lr, sum, part.size);
  for (std::size_t i = 0; i < rows; ++i) {
    adafactor_detail::descend_scaled(static_cast<float>(lr * static_cast<double>(row_scales_[i])),
                                     step.decay, diff_weights + i * columns, column_scales_.data(),
                                     weights + i * columns, columns);
  }
}

void Adafactor::step_vector(const Part& part, const Step& step, const float* diff_weights,
                            float* weights) {
  adafactor_detail::renew_each(step.fresh, diff_weights, factors_.data() + part.factors_offset,
                               column_scales_.data(), part.size);
  double sum = 0.0;
  for_each_block(part.size, [&](std::size_t first, std::size_t count) {
    sum += static_cast<double>(adafactor_detail::scaled_square(
        diff_weights + first, column_scales_.data() + first, count));
  });
  adafactor_detail::descend_scaled(static_cast<float>(clipped(step.lr, sum, part.size)), step.decay,
                                   diff_weights, column_scales_.data(), weights, part.size);
}

}  // namespace etalon

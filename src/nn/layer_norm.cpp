// Layer norm: each row of channels has a mean and a deviation of its own.
#include <cmath>

#include "core/simd.hpp"
#include "nn/layer_support.hpp"
#include "nn/layers.hpp"

namespace etalon {

// Cloned functions need external linkage, see core/simd.hpp.
namespace layer_norm_detail {

constexpr std::int64_t kLanes = 16;
constexpr float kEpsilon = 1e-5f;

// Sums run side by side, so that they are vector instructions.
template <typename Term>
[[gnu::always_inline]] inline float sum_of(std::int64_t size, Term&& term) {
  float lanes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::int64_t k = 0; k < kLanes; ++k) lanes[k] += term(i + k);
  }
  float sum = 0.0f;
  for (const float lane : lanes) sum += lane;
  for (; i < size; ++i) sum += term(i);
  return sum;
}

// Leaves the mean and 1 / deviation of each row.
ETALON_SIMD_CLONES void normalize(const float* src, float* dst, std::int64_t rows,
                                  std::int64_t size, const float* gain, const float* shift,
                                  float* means, float* inverses) {
  const float share = 1.0f / static_cast<float>(size);
  for (std::int64_t row = 0; row < rows; ++row, src += size, dst += size) {
    const float mean = share * sum_of(size, [&](std::int64_t i) { return src[i]; });
    const float variance =
        share * sum_of(size, [&](std::int64_t i) { return (src[i] - mean) * (src[i] - mean); });
    const float inverse = 1.0f / std::sqrt(variance + kEpsilon);
    for (std::int64_t i = 0; i < size; ++i) dst[i] = (src[i] - mean) * inverse * gain[i] + shift[i];
    means[row] = mean;
    inverses[row] = inverse;
  }
}

// Adds the gradients of gain and shift; diff_src may be null.
ETALON_SIMD_CLONES void differentiate(const float* src, const float* diff_dst, float* diff_src,
                                      std::int64_t rows, std::int64_t size, const float* gain,
                                      const float* means, const float* inverses, float* diff_gain,
                                      float* diff_shift) {
  const float share = 1.0f / static_cast<float>(size);
  for (std::int64_t row = 0; row < rows; ++row, src += size, diff_dst += size) {
    const float mean = means[row], inverse = inverses[row];
    const float mean_diff =
        share * sum_of(size, [&](std::int64_t i) { return diff_dst[i] * gain[i]; });
    const float product = share * inverse * sum_of(size, [&](std::int64_t i) {
                            return diff_dst[i] * gain[i] * (src[i] - mean);
                          });
    for (std::int64_t i = 0; i < size; ++i) {
      const float normal = (src[i] - mean) * inverse;
      diff_gain[i] += diff_dst[i] * normal;
      diff_shift[i] += diff_dst[i];
      if (diff_src != nullptr) {
        diff_src[i] = inverse * (diff_dst[i] * gain[i] - mean_diff - normal * product);
      }
    }
    if (diff_src != nullptr) diff_src += size;
  }
}

}  // namespace layer_norm_detail

namespace {

class LayerNorm final : public Layer {
 public:
  LayerNorm(const LayerSpec& layer, const LayerContext& context, const float* src)
      : rows_(context.rows(layer.in)),
        channels_(layer.in.channels),
        src_(src),
        offset_(layer.offset) {
    dst_.resize(context.size(layer.in));
    for (auto* values : {&means_, &inverses_}) values->resize(static_cast<std::size_t>(rows_));
    diff_parameters_.resize(static_cast<std::size_t>(2 * channels_));
  }

  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = diff_dst;
    if (need_diff_src) diff_src_.resize(dst_.size());
  }

  void forward(const float* weights) override {
    layer_norm_detail::normalize(src_, dst_.data(), rows_, channels_, weights + offset_,
                                 weights + offset_ + channels_, means_.data(), inverses_.data());
  }

  bool knows_example_norms() const override { return false; }

  void backward(const float* weights, const GradientSink& sink) override {
    std::fill(diff_parameters_.begin(), diff_parameters_.end(), 0.0f);
    layer_norm_detail::differentiate(src_, diff_dst_, diff_src(), rows_, channels_,
                                     weights + offset_, means_.data(), inverses_.data(),
                                     diff_parameters_.data(), diff_parameters_.data() + channels_);
    deposit(diff_parameters_.data(), 2 * channels_, offset_, sink);
  }

 private:
  const std::int64_t rows_, channels_;
  const float* const src_;
  const std::int64_t offset_;
  AlignedVector means_, inverses_;  // (rows)
  AlignedVector diff_parameters_;   // gain, then shift
  float* diff_dst_ = nullptr;
};

}  // namespace

std::unique_ptr<Layer> make_layer_norm(const LayerSpec& layer, const LayerContext& context,
                                       float* src) {
  return std::make_unique<LayerNorm>(layer, context, src);
}

}  // namespace etalon

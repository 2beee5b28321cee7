// Dense layers through oneDNN's sgemm. Weights are (IC, OC), so that the forward product reads both
// operands as they lie, and the weights' gradient can be accumulated straight into its destination.
#include <cstring>

#include "core/aligned_vector.hpp"
#include "core/simd.hpp"
#include "nn/layer.hpp"
#include "nn/layer_support.hpp"

namespace etalon {

// Cloned functions need external linkage, see core/simd.hpp.
namespace dense_detail {

// dst = max(0, dst + bias), or dst + bias; dst is (rows, columns).
ETALON_SIMD_CLONES void add_bias(float* dst, const float* bias, std::int64_t rows,
                                 std::int64_t columns, bool relu) {
  for (std::int64_t row = 0; row < rows; ++row, dst += columns) {
    if (relu) {
      for (std::int64_t i = 0; i < columns; ++i) {
        const float value = dst[i] + bias[i];
        dst[i] = value > 0.0f ? value : 0.0f;
      }
    } else {
      for (std::int64_t i = 0; i < columns; ++i) dst[i] += bias[i];
    }
  }
}

// Zeroes diff_dst where the activation was zero; a NaN activation stays visible as a NaN gradient.
ETALON_SIMD_CLONES void mask_relu(float* diff_dst, const float* dst, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) diff_dst[i] = dst[i] == 0.0f ? 0.0f : diff_dst[i];
}

ETALON_SIMD_CLONES void sum_rows(const float* matrix, float* sums, std::int64_t rows,
                                 std::int64_t columns) {
  std::memset(sums, 0, static_cast<std::size_t>(columns) * sizeof(float));
  for (std::int64_t row = 0; row < rows; ++row, matrix += columns) {
    for (std::int64_t i = 0; i < columns; ++i) sums[i] += matrix[i];
  }
}

// Sums run side by side in single precision, and together in double.
[[gnu::always_inline]] inline double squared_length(const float* row, std::int64_t size) {
  constexpr std::int64_t kLanes = 16;
  float lanes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::int64_t k = 0; k < kLanes; ++k) lanes[k] += row[i + k] * row[i + k];
  }
  double sum = 0.0;
  for (const float lane : lanes) sum += static_cast<double>(lane);
  for (; i < size; ++i) sum += static_cast<double>(row[i]) * static_cast<double>(row[i]);
  return sum;
}

// norms[n] += factor · (|src_n|² + 1) · |diff_dst_n|²: the gradient of one example with respect to
// weights and bias is the outer product of (src_n, 1) and diff_dst_n (Goodfellow 2015, arXiv
// 1510.01799).
ETALON_SIMD_CLONES void add_outer_norms(const float* src, std::int64_t in, const float* diff_dst,
                                        std::int64_t out, std::int64_t rows, double factor,
                                        double* norms) {
  for (std::int64_t n = 0; n < rows; ++n, src += in, diff_dst += out) {
    norms[n] += factor * (squared_length(src, in) + 1.0) * squared_length(diff_dst, out);
  }
}

}  // namespace dense_detail

namespace {

using namespace dense_detail;

class Dense final : public Layer {
 public:
  Dense(const DenseSpec& spec, const LayerContext& context, const dnnl::memory& src)
      : spec_(spec),
        context_(context),
        src_(static_cast<const float*>(src.get_data_handle())),
        weights_offset_(context.parameter_offset),
        bias_offset_(context.parameter_offset + spec.in_features * spec.out_features),
        bias_sums_(static_cast<std::size_t>(spec.out_features)) {
    dst_ = dnnl::memory(plain_rows(spec.out_features), context.engine);
    dst_data_ = static_cast<float*>(dst_.get_data_handle());
  }

  void build_backward(const dnnl::memory& diff_dst, bool need_diff_src) override {
    diff_dst_ = static_cast<float*>(diff_dst.get_data_handle());
    if (!need_diff_src) return;
    diff_src_ = dnnl::memory(plain_rows(spec_.in_features), context_.engine);
    diff_src_data_ = static_cast<float*>(diff_src_.get_data_handle());
  }

  void forward(const float* weights) override {
    check_dnnl(dnnl_sgemm('N', 'N', context_.batch_size, spec_.out_features, spec_.in_features,
                          1.0f, src_, spec_.in_features, weights + weights_offset_,
                          spec_.out_features, 0.0f, dst_data_, spec_.out_features));
    add_bias(dst_data_, weights + bias_offset_, context_.batch_size, spec_.out_features,
             spec_.relu);
  }

  void backward(const float* weights, const GradientSink& sink) override {
    if (spec_.relu) mask_relu(diff_dst_, dst_data_, context_.batch_size * spec_.out_features);
    // Before the sink is written: it may be the weights themselves.
    if (diff_src_data_ != nullptr) {
      check_dnnl(dnnl_sgemm('N', 'T', context_.batch_size, spec_.in_features, spec_.out_features,
                            1.0f, diff_dst_, spec_.out_features, weights + weights_offset_,
                            spec_.out_features, 0.0f, diff_src_data_, spec_.in_features));
    }
    check_dnnl(dnnl_sgemm('T', 'N', spec_.in_features, spec_.out_features, context_.batch_size,
                          sink.scale, src_, spec_.in_features, diff_dst_, spec_.out_features,
                          sink.accumulate ? 1.0f : 0.0f, sink.data + weights_offset_,
                          spec_.out_features));
    sum_rows(diff_dst_, bias_sums_.data(), context_.batch_size, spec_.out_features);
    deposit(bias_sums_.data(), spec_.out_features, bias_offset_, sink);
  }

  void add_squared_norms(double factor, double* norms) const override {
    add_outer_norms(src_, spec_.in_features, diff_dst_, spec_.out_features, context_.batch_size,
                    factor, norms);
  }

 private:
  dnnl::memory::desc plain_rows(std::int64_t columns) const {
    return {
        {context_.batch_size, columns}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::nc};
  }

  const DenseSpec spec_;
  const LayerContext context_;
  const float* const src_;  // (N, IC)
  const std::int64_t weights_offset_;
  const std::int64_t bias_offset_;
  AlignedVector bias_sums_;         // (OC)
  float* dst_data_ = nullptr;       // (N, OC)
  float* diff_dst_ = nullptr;       // (N, OC)
  float* diff_src_data_ = nullptr;  // (N, IC), null where not needed
};

}  // namespace

std::unique_ptr<Layer> make_layer(const DenseSpec& spec, const LayerContext& context,
                                  const dnnl::memory& src) {
  return std::make_unique<Dense>(spec, context, src);
}

}  // namespace etalon

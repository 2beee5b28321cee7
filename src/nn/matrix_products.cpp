#include "nn/matrix_products.hpp"

#include <chrono>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "core/aligned_vector.hpp"
#include "nn/layer_support.hpp"

namespace etalon {
namespace {

using dnnl::memory;

struct AddProducts {
  std::vector<MatrixProduct>& products;
  std::int64_t batch_size;
  bool first = true;

  void add(std::int64_t rows, std::int64_t in, std::int64_t out) {
    products.push_back({rows, in, out, false, false});
    products.push_back({in, rows, out, true, false});
    if (!first) products.push_back({rows, out, in, false, true});
    first = false;
  }
  void operator()(const LayerSpec& layer) {
    layer_ = &layer;
    std::visit(*this, layer.kind);
  }
  void operator()(const DenseSpec&) {
    add(batch_size * layer_->in.pixels(), layer_->in.channels, layer_->out.channels);
  }
  void operator()(const ConvolutionSpec& spec) {
    for (std::int64_t group = 0; group < spec.groups; ++group) {
      add(batch_size * layer_->out.pixels(),
          layer_->in.channels / spec.groups * spec.kernel * spec.kernel,
          spec.out_channels / spec.groups);
    }
  }
  void operator()(const ResidualSpec& spec) {
    for (const LayerSpec& layer : spec.body) (*this)(layer);
    for (const LayerSpec& layer : spec.shortcut) (*this)(layer);
  }
  template <typename Other>
  void operator()(const Other&) {}

  const LayerSpec* layer_ = nullptr;
};

AlignedVector operand(std::int64_t rows, std::int64_t columns) {
  return AlignedVector(static_cast<std::size_t>(rows * columns), 0.01f);
}

}  // namespace

std::vector<MatrixProduct> matrix_products(const ModelSpec& model, std::int64_t batch_size) {
  std::vector<MatrixProduct> products;
  AddProducts add_products{products, batch_size};
  for (const LayerSpec& layer : model.layers) add_products(layer);
  return products;
}

class MatrixProductRunner::Product {
 public:
  explicit Product(const MatrixProduct& shape)
      : shape_(shape),
        engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_),
        a_(operand(shape.M, shape.K)),
        b_(operand(shape.K, shape.N)),
        c_(operand(shape.M, shape.N)) {
    const dnnl::matmul::primitive_desc descriptor(
        {describe(shape.M, shape.K, shape.transpose_a),
         describe(shape.K, shape.N, shape.transpose_b), describe(shape.M, shape.N, false)},
        engine_);
    matmul_ = dnnl::matmul(descriptor);
    arguments_ = {{DNNL_ARG_SRC, memory(descriptor.src_desc(), engine_, a_.data())},
                  {DNNL_ARG_WEIGHTS, memory(descriptor.weights_desc(), engine_, b_.data())},
                  {DNNL_ARG_DST, memory(descriptor.dst_desc(), engine_, c_.data())}};
    use_sgemm_ = seconds(true) <= seconds(false);
  }

  void run() { run_by(use_sgemm_); }

 private:
  static memory::desc describe(std::int64_t rows, std::int64_t columns, bool transposed) {
    return {{rows, columns},
            memory::data_type::f32,
            transposed ? memory::dims{1, rows} : memory::dims{columns, 1}};
  }

  void run_by(bool sgemm) {
    if (!sgemm) return matmul_.execute(stream_, arguments_);
    check_dnnl(dnnl_sgemm(shape_.transpose_a ? 'T' : 'N', shape_.transpose_b ? 'T' : 'N', shape_.M,
                          shape_.N, shape_.K, 1.0f, a_.data(),
                          shape_.transpose_a ? shape_.M : shape_.K, b_.data(),
                          shape_.transpose_b ? shape_.K : shape_.N, 0.0f, c_.data(), shape_.N));
  }

  // The least of several timings of several runs.
  double seconds(bool sgemm) {
    using Clock = std::chrono::steady_clock;
    double least = 1e9;
    for (int repeat = 0; repeat < 12; ++repeat) {
      const auto start = Clock::now();
      for (int i = 0; i < 4; ++i) run_by(sgemm);
      least = std::min(least, std::chrono::duration<double>(Clock::now() - start).count());
    }
    return least;
  }

  MatrixProduct shape_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  AlignedVector a_, b_, c_;
  dnnl::matmul matmul_;
  std::unordered_map<int, memory> arguments_;
  bool use_sgemm_ = true;
};

MatrixProductRunner::MatrixProductRunner(const std::vector<MatrixProduct>& products) {
  compute_alone();
  products_.reserve(products.size());
  for (const MatrixProduct& product : products) products_.emplace_back(product);
}

MatrixProductRunner::~MatrixProductRunner() = default;

void MatrixProductRunner::run() {
  compute_alone();
  for (Product& product : products_) product.run();
}

}  // namespace etalon

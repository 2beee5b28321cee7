// The matrix products of one training step, apart from everything else: the bound that the step's
// time is held against.
#pragma once

#include <cstdint>
#include <vector>

#include "model/model_spec.hpp"

namespace etalon {

// C (M, N) = op(A) · op(B) with an inner extent of K; transposed operands are read as they lie.
struct MatrixProduct {
  std::int64_t M = 0, K = 0, N = 0;
  bool transpose_a = false, transpose_b = false;
  double flop() const {
    return 2.0 * static_cast<double>(M) * static_cast<double>(K) * static_cast<double>(N);
  }
};

// Forward, weights' gradient and, above the first layer with parameters, src's gradient, layer by
// layer. A convolution counts as the products of its unfolded images.
std::vector<MatrixProduct> matrix_products(const ModelSpec& model, std::int64_t batch_size);

// Runs products one after another through oneDNN, each by the faster of its two ways (sgemm and the
// matmul primitive), which the constructor finds out. One thread at a time.
class MatrixProductRunner {
 public:
  explicit MatrixProductRunner(const std::vector<MatrixProduct>& products);
  ~MatrixProductRunner();
  void run();

 private:
  class Product;
  std::vector<Product> products_;
};

}  // namespace etalon

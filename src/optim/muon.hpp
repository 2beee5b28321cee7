// Muon: momentum whose matrices are orthogonalized. For each matrix W between hidden layers
// (optim/matrices.hpp), of R rows and C columns, with G its gradient, λ the weight decay, V zero at
// the start, and orthogonal(·) of optim/orthogonalizer.hpp:
//
//   V ← m V + G
//   W ← (1 − η λ) W − η · 0.2 √max(R, C) · orthogonal(G + m V)
//
// Everything else (biases, embeddings, the input and the output layer) takes the steps of AdamW
// (adamw.hpp) with the same η and λ, and β1, β2, ε. Source: Jordan et al. 2024,
// kellerjordan.github.io/posts/muon, for the update and for what it is given; Liu et al. 2025,
// arXiv 2502.16982, for the factor, which makes a step as long as AdamW's usually are (0.2 a
// parameter), so that one η and one λ serve both parts, and for the defaults. Jordan's own factor,
// √max(1, OC/IC), needs a second η for the part of AdamW.
#pragma once

#include "core/aligned_vector.hpp"
#include "optim/adam_coefficients.hpp"
#include "optim/optimizer.hpp"
#include "optim/orthogonalizer.hpp"

namespace etalon {

class Muon final : public Optimizer {
 public:
  // Throws InputError for a model without a matrix between hidden layers: it would be AdamW.
  Muon(const OptimizerOptions& options, const ParameterLayout& layout);
  void step(float lr, std::span<const float> diff_weights, std::span<float> weights) override;
  OptimizerState state() override { return {{mean_, square_}, &steps_}; }
  void set_momentum(double momentum) override { momentum_ = momentum; }  // m; β1 stays

 private:
  struct Matrix {
    MatrixShape shape;
    std::size_t offset, size;
  };
  // What AdamW steps: from `offset` on, with its mean squares from `square_offset` on.
  struct Rest {
    std::size_t offset, size, square_offset;
  };

  void add(const Segment& segment, bool hidden);
  void step_matrix(const Matrix& matrix, float lr, const float* diff_weights, float* weights);

  std::vector<Matrix> matrices_;
  std::vector<Rest> rests_;
  double momentum_;
  AdamConstants constants_;
  const double weight_decay_;
  std::int64_t steps_ = 0;
  AlignedVector mean_;    // V of the matrices, AdamW's mean of the rest
  AlignedVector square_;  // of the rest alone
  Orthogonalizer orthogonalizer_;
  AlignedVector direction_;  // G + m V of the matrix at hand; no state
};

}  // namespace etalon

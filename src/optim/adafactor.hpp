// Adafactor without momentum and with η as it is given. For each tensor of weights that is a matrix
// (optim/matrices.hpp), with G its gradient, λ the weight decay, t = 1, 2, ... the step, R and C
// (one number a row, one a column) zero at the start:
//
//   β = 1 − t^(−0.8)
//   R ← β R + (1 − β) · mean of G² + ε over each row
//   C ← β C + (1 − β) · mean of G² + ε over each column
//   U = G / √(R Cᵀ / mean(R))
//   W ← (1 − η λ) W − η U / max(1, rms(U))
//
// and for what is no matrix v ← β v + (1 − β)(g² + ε), U = g / √v. ε = 1e-30. So it keeps a vector
// of the rows and one of the columns where Adam keeps two numbers a parameter, and no step is
// longer than η a parameter in the mean square.
//
// Source: Shazeer & Stern 2018, arXiv 1804.04235: algorithms 4 and 5 with the constants of
// algorithm 6, but its relative step size, max(0.001, rms(W)) · min(0.01, 1/√t) in place of η, is
// left out, since a study asks for η. Decay is decoupled, as in Hugging Face's Adafactor with
// scale_parameter=False, relative_step=False, which this is (a convolution's weights apart: there
// each of its kernels is a matrix).
#pragma once

#include "core/aligned_vector.hpp"
#include "optim/matrices.hpp"
#include "optim/optimizer.hpp"

namespace etalon {

class Adafactor final : public Optimizer {
 public:
  Adafactor(const OptimizerOptions& options, const ParameterLayout& layout);
  void step(float lr, std::span<const float> diff_weights, std::span<float> weights) override;
  OptimizerState state() override { return {{factors_}, &steps_}; }

 private:
  // A tensor, and where its R and then C, or its v, begin among the factors.
  struct Part {
    std::optional<MatrixShape> shape;
    std::size_t offset, size, factors_offset;
  };
  // What a step is made of besides gradient and weights.
  struct Step {
    float lr;
    float decay;  // 1 − η λ
    float fresh;  // 1 − β
  };

  void add(const Segment& segment);
  void step_matrix(const Part& part, const Step& step, const float* diff_weights, float* weights);
  void step_vector(const Part& part, const Step& step, const float* diff_weights, float* weights);
  void observe(const MatrixShape& shape, float fresh, const float* diff_weights, float* rows);

  std::vector<Part> parts_;
  const double weight_decay_;
  std::int64_t steps_ = 0;
  AlignedVector factors_;
  AlignedVector row_scales_, column_scales_;  // of the matrix at hand; no state
};

}  // namespace etalon

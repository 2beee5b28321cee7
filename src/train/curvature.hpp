// The curvature of a network's loss at given weights, over training examples: B_noise = tr(HΣ) /
// (GᵀHG) and the best learning rate of one step that follows from it, see
// noise/curvature_noise.hpp, and the sharpness λ_max, the largest eigenvalue of the Hessian, see
// sharpness.hpp.
//
// Gradient descent is unstable on a parabola where η·λ_max > 2, with momentum β where it is above
// 2(1 + β) (Polyak 1964; Cohen et al. 2021, arXiv 2103.00065), whatever the batch size. Examples
// are drawn from a stream of their own, so measuring changes nothing in a training. One thread at a
// time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/aligned_vector.hpp"
#include "data/dataset.hpp"
#include "etalon/stop_flag.hpp"
#include "nn/hessian_product.hpp"
#include "noise/curvature_noise.hpp"
#include "train/batch_gradient.hpp"
#include "train/gradient_noise.hpp"
#include "train/lanczos.hpp"
#include "train/sharpness.hpp"

namespace etalon {

struct MeasuredCurvature {
  CurvatureNoise noise;
  Sharpness sharpness;  // λ_max of the mean Hessian of the same examples, and of all
};

class Curvature {
 public:
  // `data` must outlive it. The examples of a measurement are those of `options`, in its groups.
  Curvature(const DataSplits& data, const ModelSpec& model, std::uint64_t seed,
            const GradientNoiseOptions& options = {});

  // At the weights after `step` updates, which name the examples that are drawn. Empty where the
  // curvature is not finite, and where `stop` was requested.
  std::optional<MeasuredCurvature> measure(std::span<const float> weights, std::int64_t step,
                                           const StopFlag& stop = {});
  // λ_max of the same examples alone, in a fraction of the time; empty as above.
  std::optional<LargestEigenvalue> measure_sharpness(std::span<const float> weights,
                                                     std::int64_t step, const StopFlag& stop = {});

 private:
  // Hessians that stand beside each group, each between the gradients of so many others.
  static constexpr std::size_t kRows = 8;

  std::span<const std::uint32_t> group(std::size_t k) const;
  void draw(std::int64_t step);
  void compute_gradients(std::span<const float> weights, const StopFlag& stop);
  std::vector<double> gram_matrix() const;
  CurvatureProducts compute_products(std::span<const float> weights, const StopFlag& stop);
  // Of the groups' Hessians; not finite once `stop` was requested.
  GroupMatrices hessians(std::span<const float> weights, const StopFlag& stop);
  RandomStream start_of_sharpness(std::int64_t step) const;
  // The Hessian of group k at these weights is what `hessian_` multiplies by.
  void prepare(std::size_t k, std::span<const float> weights);
  std::span<const float> gradient(std::size_t k) const;

  const DataSplits& data_;
  const std::uint64_t seed_;
  const GradientNoiseOptions options_;
  const std::size_t group_size_;
  BatchGradient batch_gradient_;
  HessianProduct hessian_;
  std::vector<std::uint32_t> indices_;
  std::size_t parameters_;
  AlignedVector gradients_;  // of the groups, one after the other
};

}  // namespace etalon

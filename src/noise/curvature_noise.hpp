// The noise scale under curvature, B_noise = tr(HΣ) / (GᵀHG) in examples, and what it says of the
// best learning rate of one step of plain SGD. G is the true gradient, Σ the covariance of one
// example's gradient, H the Hessian of the loss. Pure functions.
//
// After one step with a batch of B examples the loss is expected to fall by
//
//   η·|G|² − ½η²·(GᵀHG + tr(HΣ)/B),   the most at   η*(B) = |G|² / (GᵀHG + tr(HΣ)/B)
//                                                         = η_max / (1 + B_noise/B)
//
// with η_max = |G|²/(GᵀHG) (McCandlish et al. 2018, arXiv 1812.06162, equations 2.6 to 2.9), as far
// as the loss is a parabola over such a step. Where H is a multiple of the identity, B_noise is
// B_simple = tr Σ/|G|².
//
// Of K disjoint groups of n examples with the gradients g_k and Hessians H_k, each group's Hessian
// is put between the gradients of others, so that all three are independent and nothing is biased:
//
//   GᵀHG:   g_kᵀ·H_c·g_l,                                k, l and c different
//   tr(HΣ): n/(r−1) · Σ_k (g_k − ḡ)ᵀ·H_c·(g_k − ḡ)        over r groups, c not among them
//
// The errors are the jackknife's (Efron and Stein 1981), each group left out in turn; ratios have
// Fieller's interval, as in noise_scale.hpp, and are undefined where the denominator cannot be told
// from zero.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "etalon/noise_scale.hpp"
#include "noise/moment_errors.hpp"

namespace etalon {

// The products g_kᵀ·H_c·g_l of each group c with `rows` other groups k, and all groups l.
class CurvatureProducts {
 public:
  // `rows` in [2, groups − 2].
  CurvatureProducts(std::size_t groups, std::size_t rows);

  std::size_t groups() const { return groups_; }
  std::size_t rows() const { return rows_; }
  // The group k that stands in row r of group c: never c.
  std::size_t group_of(std::size_t c, std::size_t r) const { return (c + 1 + r) % groups_; }
  double& at(std::size_t c, std::size_t r, std::size_t l) {
    return values_[(c * rows_ + r) * groups_ + l];
  }
  double at(std::size_t c, std::size_t r, std::size_t l) const {
    return values_[(c * rows_ + r) * groups_ + l];
  }

 private:
  std::size_t groups_, rows_;
  std::vector<double> values_;
};

// A ratio whose `value` is empty where it is undefined; `low` and `high` as in NoiseScale.
struct EstimatedRatio {
  std::optional<double> value, low, high;
};

class CurvatureNoise {
 public:
  // `gradients` is the Gram matrix g_kᵀ·g_l of the groups' mean gradients, row by row;
  // `group_size` their examples, >= 1.
  CurvatureNoise(const CurvatureProducts& products, std::span<const double> gradients,
                 double group_size, const NoiseScaleOptions& options = {});

  Estimated squared_gradient() const;    // |G|²
  Estimated gradient_curvature() const;  // GᵀHG; may be below 0
  Estimated curvature_trace() const;     // tr(HΣ); may be below 0
  EstimatedRatio noise_scale() const;    // B_noise in examples
  EstimatedRatio greatest_lr() const;    // η_max
  // η*(B); `batch_size` > 0.
  EstimatedRatio best_lr(double batch_size) const;

 private:
  struct Moments {
    double squared_gradient = 0.0, gradient_curvature = 0.0, curvature_trace = 0.0;
  };
  class Parts;
  // Of numerator/denominator, each a sum of moments with these factors.
  EstimatedRatio ratio(const Moments& numerator, const Moments& denominator) const;
  NoiseScale errors_of(const Moments& numerator, const Moments& denominator) const;

  NoiseScaleOptions options_;
  Moments whole_;
  std::vector<Moments> left_out_;  // without each group in turn
};

}  // namespace etalon

#include "noise/curvature_noise.hpp"

#include <fmt/format.h>

#include "etalon/error.hpp"

namespace etalon {
namespace {

// What was added so far, and how often.
struct RunningMean {
  double sum = 0.0, count = 0.0;
  void add(double value) { sum += value, count += 1.0; }
  double mean() const { return sum / count; }
};

}  // namespace

CurvatureProducts::CurvatureProducts(std::size_t groups, std::size_t rows)
    : groups_(groups), rows_(rows), values_(groups * rows * groups) {
  if (rows >= 2 && rows + 2 <= groups) return;
  throw InputError(fmt::format("{} rows of {} groups of gradients", rows, groups), "",
                   "give at least 2 rows, and 2 groups more than rows");
}

// The moments that some of the groups give.
class CurvatureNoise::Parts {
 public:
  Parts(const CurvatureProducts& products, std::span<const double> gradients, double group_size)
      : products_(products), gradients_(gradients), group_size_(group_size) {}

  // Without the group `left_out`; none of them where it is the number of groups.
  Moments without(std::size_t left_out) const {
    RunningMean curvature, trace;
    for (std::size_t c = 0; c < products_.groups(); ++c) {
      if (c != left_out) add_group(c, left_out, curvature, trace);
    }
    return {squared_gradient(left_out), curvature.mean(), trace.mean()};
  }

 private:
  double squared_gradient(std::size_t left_out) const {
    const std::size_t count = products_.groups();
    RunningMean cross;
    for (std::size_t k = 0; k < count; ++k) {
      for (std::size_t l = 0; l < count; ++l) {
        if (k != l && k != left_out && l != left_out) cross.add(gradients_[k * count + l]);
      }
    }
    return cross.mean();
  }

  void add_group(std::size_t c, std::size_t left_out, RunningMean& curvature,
                 RunningMean& trace) const {
    RunningMean own, between, cross;
    for (std::size_t r = 0; r < products_.rows(); ++r) {
      const std::size_t k = products_.group_of(c, r);
      if (k == left_out) continue;
      own.add(products_.at(c, r, k));
      for (std::size_t l = 0; l < products_.groups(); ++l) {
        if (l == k || l == c || l == left_out) continue;
        cross.add(products_.at(c, r, l));
        if (is_row(c, l)) between.add(products_.at(c, r, l));
      }
    }
    curvature.add(cross.mean());
    if (between.count > 0.0) trace.add(group_size_ * (own.mean() - between.mean()));
  }

  bool is_row(std::size_t c, std::size_t l) const {
    return (l + products_.groups() - c - 1) % products_.groups() < products_.rows();
  }

  const CurvatureProducts& products_;
  const std::span<const double> gradients_;
  const double group_size_;
};

CurvatureNoise::CurvatureNoise(const CurvatureProducts& products, std::span<const double> gradients,
                               double group_size, const NoiseScaleOptions& options)
    : options_((options.validate(), options)) {
  const Parts parts(products, gradients, group_size);
  whole_ = parts.without(products.groups());
  for (std::size_t k = 0; k < products.groups(); ++k) left_out_.push_back(parts.without(k));
}

// The numerator stands for tr Σ and the denominator for |G|² there.
NoiseScale CurvatureNoise::errors_of(const Moments& numerator, const Moments& denominator) const {
  const auto sum = [](const Moments& factors, const Moments& of) {
    return factors.squared_gradient * of.squared_gradient +
           factors.gradient_curvature * of.gradient_curvature +
           factors.curvature_trace * of.curvature_trace;
  };
  std::vector<NoiseMoments> left_out;
  for (const Moments& each : left_out_) {
    left_out.push_back({sum(denominator, each), sum(numerator, each)});
  }
  MomentErrors errors;
  errors.moments = {sum(denominator, whole_), sum(numerator, whole_)};
  add_jackknife(left_out, errors);
  return noise_scale_of(errors, options_);
}

EstimatedRatio CurvatureNoise::ratio(const Moments& numerator, const Moments& denominator) const {
  const NoiseScale scale = errors_of(numerator, denominator);
  return {scale.value, scale.low, scale.high};
}

Estimated CurvatureNoise::squared_gradient() const {
  return errors_of({1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}).covariance_trace;
}
Estimated CurvatureNoise::gradient_curvature() const {
  return errors_of({1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}).squared_gradient;
}
Estimated CurvatureNoise::curvature_trace() const {
  return errors_of({0.0, 0.0, 1.0}, {0.0, 1.0, 0.0}).covariance_trace;
}
EstimatedRatio CurvatureNoise::noise_scale() const {
  return ratio({0.0, 0.0, 1.0}, {0.0, 1.0, 0.0});
}
EstimatedRatio CurvatureNoise::greatest_lr() const {
  return ratio({1.0, 0.0, 0.0}, {0.0, 1.0, 0.0});
}
EstimatedRatio CurvatureNoise::best_lr(double batch_size) const {
  return ratio({1.0, 0.0, 0.0}, {0.0, 1.0, 1.0 / batch_size});
}

}  // namespace etalon

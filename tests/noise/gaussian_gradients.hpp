// Gradients whose |G|², tr Σ and noise scale are known: Gaussian, with a covariance that is far
// from the identity.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "etalon/noise_scale.hpp"

namespace etalon::testing {

using Gradient = std::vector<double>;

inline double dot(const Gradient& a, const Gradient& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

inline Gradient mean_of(const std::vector<Gradient>& all) {
  Gradient mean(all.at(0).size());
  for (const Gradient& each : all) {
    for (std::size_t i = 0; i < mean.size(); ++i) {
      mean[i] += each[i] / static_cast<double>(all.size());
    }
  }
  return mean;
}

// Coordinate i = 1, 2, ... has variance 1/i; G is the same in each.
class GaussianGradients {
 public:
  static constexpr int kCoordinates = 40;
  static constexpr std::uint64_t kSeed = 20261127;

  GaussianGradients(double noise_scale, const std::string& name) : stream_(kSeed, name) {
    for (int i = 1; i <= kCoordinates; ++i) trace_ += 1.0 / i;
    gradient_ = std::sqrt(trace_ / noise_scale / kCoordinates);
  }

  double covariance_trace() const { return trace_; }
  double squared_gradient() const { return gradient_ * gradient_ * kCoordinates; }
  double noise_scale() const { return trace_ / squared_gradient(); }

  // The mean gradient of `batch_size` independent examples.
  Gradient draw(double batch_size) {
    Gradient g(kCoordinates);
    for (int i = 0; i < kCoordinates; ++i) {
      g[i] = gradient_ + stream_.normal() / std::sqrt((i + 1) * batch_size);
    }
    return g;
  }

  std::vector<Gradient> draw(int count, double batch_size) {
    std::vector<Gradient> all;
    for (int i = 0; i < count; ++i) all.push_back(draw(batch_size));
    return all;
  }

  // `parts` batches of `batch_size`, and their mean.
  NormPair pair(int parts, double batch_size) {
    const auto all = draw(parts, batch_size);
    double small = 0.0;
    for (const Gradient& each : all) small += dot(each, each) / parts;
    const Gradient mean = mean_of(all);
    return {batch_size, small, parts * batch_size, dot(mean, mean)};
  }

 private:
  RandomStream stream_;
  double trace_ = 0.0, gradient_ = 0.0;
};

// What many estimates come to.
struct Estimates {
  int count = 0, covered = 0, undefined = 0;
  double squared_gradient = 0.0, covariance_trace = 0.0;

  void add(const NoiseScale& scale, double truth) {
    ++count;
    squared_gradient += scale.squared_gradient.value;
    covariance_trace += scale.covariance_trace.value;
    undefined += !scale.value;
    covered += scale.low && *scale.low <= truth && (!scale.high || truth <= *scale.high);
  }
  double coverage() const { return static_cast<double>(covered) / count; }
  double gradient_bias(double truth) const { return squared_gradient / count / truth - 1.0; }
  double covariance_bias(double truth) const { return covariance_trace / count / truth - 1.0; }
  void print(const std::string& name, const GaussianGradients& of) const {
    fmt::print("{}: |G|² off by {:.2f} %, tr Σ by {:.2f} %, coverage {:.3f}, undefined {} of {}\n",
               name, 100.0 * gradient_bias(of.squared_gradient()),
               100.0 * covariance_bias(of.covariance_trace()), coverage(), undefined, count);
  }
};

}  // namespace etalon::testing

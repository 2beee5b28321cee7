#include "nn/hessian_product.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random.hpp"
#include "model/parameters.hpp"
#include "nn/network.hpp"
#include "support/naive_network.hpp"

namespace etalon {
namespace {

using testing::NaiveNetwork;

struct Case {
  const char* model;
  TensorShape input;
  std::int64_t batch_size;
  double smoothing = 0.0;  // of the labels
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.model << " on " << c.input.channels << "x" << c.input.height << "x"
             << c.input.width << ", batch size " << c.batch_size << ", label smoothing "
             << c.smoothing;
}

AlignedVector random_vector(std::size_t size, const char* name, std::uint64_t seed = 17) {
  RandomStream stream(seed, name);
  AlignedVector vector(size);
  for (float& value : vector) value = static_cast<float>(0.3 * stream.normal());
  return vector;
}

double dot(const AlignedVector& a, const AlignedVector& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

double norm(const AlignedVector& a) { return std::sqrt(dot(a, a)); }

// Random weights, biases too, and a random batch.
class HessianProducts : public ::testing::TestWithParam<Case> {
 protected:
  HessianProducts()
      : model_(parse_model(GetParam().model, {GetParam().input, 7, 0, 0, GetParam().smoothing})),
        weights_(random_vector(static_cast<std::size_t>(parameter_layout(model_).size), "weights")),
        product_(model_, GetParam().batch_size) {
    RandomStream stream(11, "batch");
    for (float& value : product_.src()) value = static_cast<float>(stream.normal());
    for (auto& label : product_.labels()) label = static_cast<std::int32_t>(stream.below(7));
    product_.prepare(weights_);
  }

  AlignedVector times(const AlignedVector& direction) {
    AlignedVector result(direction.size());
    product_.multiply(weights_, direction, {result.data(), 1.0f, false});
    return result;
  }

  AlignedVector direction(const char* name) const { return random_vector(weights_.size(), name); }

  // The naive loss at weights + step · direction.
  double loss(double step, const AlignedVector& direction) {
    std::vector<double> weights(weights_.begin(), weights_.end());
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights[i] += step * static_cast<double>(direction[i]);
    }
    return NaiveNetwork(model_).loss(weights, product_.src(), product_.labels());
  }

  double second_difference(const AlignedVector& direction, double step) {
    return (loss(step, direction) - 2.0 * loss(0.0, direction) + loss(-step, direction)) /
           (step * step);
  }

  const ModelSpec model_;
  const AlignedVector weights_;
  HessianProduct product_;
};

// The median over directions, as a rectifier that turns within a step makes the difference
// worthless however small the step.
TEST_P(HessianProducts, AreTheSecondDifferencesOfTheNaiveLoss) {
  constexpr double kStep = 1e-5;
  std::vector<double> errors;
  for (std::uint64_t i = 0; i < 15; ++i) {
    const AlignedVector v = random_vector(weights_.size(), "direction", i);
    const double expected = second_difference(v, kStep);
    errors.push_back(std::abs(dot(v, times(v)) - expected) / std::abs(expected));
  }
  std::ranges::sort(errors);
  EXPECT_LT(errors[7], 1e-4);
}

// The gradient in single precision, whose rounding a larger step drowns; few rectifiers turn in it.
class HessianProductsOfDenseLayers : public HessianProducts {};

TEST_P(HessianProductsOfDenseLayers, AreTheDifferencesOfTheGradientInEveryCoordinate) {
  constexpr float kStep = 1e-3f;
  const AlignedVector v = direction("v");
  Network network(model_, GetParam().batch_size, Network::Mode::training);
  std::ranges::copy(product_.src(), network.src().begin());
  std::ranges::copy(product_.labels(), network.labels().begin());
  AlignedVector difference(v.size());
  for (const float side : {1.0f, -1.0f}) {
    AlignedVector moved = weights_;
    for (std::size_t i = 0; i < v.size(); ++i) moved[i] += side * kStep * v[i];
    network.forward(moved.data());
    network.loss_and_backward(moved.data(), {difference.data(), side / (2.0f * kStep), true});
  }
  const AlignedVector product = times(v);
  for (std::size_t i = 0; i < v.size(); ++i) difference[i] -= product[i];
  EXPECT_LT(norm(difference), 0.05 * norm(product));
}

TEST_P(HessianProducts, AreSymmetricAndLinear) {
  const AlignedVector u = direction("u"), v = direction("v");
  const AlignedVector hu = times(u), hv = times(v);
  EXPECT_NEAR(dot(u, hv), dot(v, hu), 1e-5 * norm(u) * norm(hv));
  AlignedVector sum = u;
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += 2.0f * v[i];
  AlignedVector rest = times(sum);
  for (std::size_t i = 0; i < sum.size(); ++i) rest[i] -= hu[i] + 2.0f * hv[i];
  EXPECT_LT(norm(rest), 1e-5 * norm(hv));
}

TEST_P(HessianProducts, AreScaledAndAddedWhereTheSinkWantsThem) {
  const AlignedVector v = direction("v"), hv = times(v);
  AlignedVector sink(v.size(), 2.0f);
  product_.multiply(weights_, v, {sink.data(), -0.5f, true});
  for (std::size_t i = 0; i < v.size(); ++i) sink[i] -= 2.0f - 0.5f * hv[i];
  EXPECT_LT(norm(sink), 1e-5 * norm(hv));
}

INSTANTIATE_TEST_SUITE_P(Models, HessianProductsOfDenseLayers,
                         ::testing::Values(Case{"linear", {1, 3, 3}, 4},
                                           Case{"mlp:5", {1, 4, 3}, 1},
                                           Case{"mlp:33,17", {3, 5, 4}, 6},
                                           Case{"mlp:33,17", {3, 5, 4}, 6, 0.4}));

INSTANTIATE_TEST_SUITE_P(Models, HessianProducts,
                         ::testing::Values(Case{"linear", {1, 3, 3}, 4},
                                           Case{"mlp:5", {1, 4, 3}, 1},
                                           Case{"mlp:33,17", {3, 5, 4}, 6},
                                           Case{"mlp:33,17", {3, 5, 4}, 6, 0.4},
                                           Case{"lenet", {3, 13, 16}, 2}));

}  // namespace
}  // namespace etalon

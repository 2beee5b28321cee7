// Muon against plain loops in double, written here from its authors' page: transposed where a
// matrix has more rows than columns, as they do it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "etalon/error.hpp"
#include "optim/by_hand.hpp"
#include "optim/orthogonalizer.hpp"

namespace etalon {
namespace {

using testing::Doubles;
using ::testing::HasSubstr;

constexpr double kLr = 0.02, kDecay = 0.1, kMomentum = 0.9;
constexpr double kBeta1 = 0.8, kBeta2 = 0.9, kEps = 1e-6;

// A matrix of doubles, row by row.
struct Matrix {
  std::size_t rows, columns;
  Doubles values;
  double& at(std::size_t i, std::size_t j) { return values[i * columns + j]; }
  double at(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
};

Matrix zero(std::size_t rows, std::size_t columns) {
  return {rows, columns, Doubles(rows * columns, 0.0)};
}

Matrix transposed(const Matrix& a) {
  Matrix result = zero(a.columns, a.rows);
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (std::size_t j = 0; j < a.columns; ++j) result.at(j, i) = a.at(i, j);
  }
  return result;
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix result = zero(a.rows, b.columns);
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (std::size_t k = 0; k < a.columns; ++k) {
      for (std::size_t j = 0; j < b.columns; ++j) result.at(i, j) += a.at(i, k) * b.at(k, j);
    }
  }
  return result;
}

Matrix sum_of(double x, const Matrix& a, double y, const Matrix& b) {
  Matrix result = a;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    result.values[i] = x * a.values[i] + y * b.values[i];
  }
  return result;
}

Matrix orthogonal_by_hand(const Matrix& g) {
  Matrix x = g.rows > g.columns ? transposed(g) : g;
  double squares = 0.0;
  for (const double value : x.values) squares += value * value;
  for (double& value : x.values) value /= std::sqrt(squares) + 1e-7;
  for (int i = 0; i < 5; ++i) {
    const Matrix a = product(x, transposed(x));
    const Matrix b = sum_of(-4.7750, a, 2.0315, product(a, a));
    x = sum_of(3.4445, x, 1.0, product(b, x));
  }
  return g.rows > g.columns ? transposed(x) : x;
}

void adamw_by_hand(const Segment& segment, int t, const Doubles& g, Doubles& w, Doubles& m,
                   Doubles& v) {
  for (auto i = static_cast<std::size_t>(segment.offset);
       i < static_cast<std::size_t>(segment.offset + segment.size); ++i) {
    m[i] = kBeta1 * m[i] + (1.0 - kBeta1) * g[i];
    v[i] = kBeta2 * v[i] + (1.0 - kBeta2) * g[i] * g[i];
    w[i] -= kLr * kDecay * w[i];
    w[i] -= kLr * (m[i] / (1.0 - std::pow(kBeta1, t))) /
            (std::sqrt(v[i] / (1.0 - std::pow(kBeta2, t))) + kEps);
  }
}

void muon_by_hand(const Segment& segment, std::size_t rows, const Doubles& g, Doubles& w,
                  Doubles& v) {
  const auto first = static_cast<std::size_t>(segment.offset);
  Matrix ahead = zero(rows, static_cast<std::size_t>(segment.size) / rows);
  for (std::size_t i = 0; i < ahead.values.size(); ++i) {
    v[first + i] = kMomentum * v[first + i] + g[first + i];
    ahead.values[i] = g[first + i] + kMomentum * v[first + i];
  }
  const Matrix orthogonal = orthogonal_by_hand(ahead);
  const double longest = static_cast<double>(std::max(ahead.rows, ahead.columns));
  for (std::size_t i = 0; i < ahead.values.size(); ++i) {
    w[first + i] -= kLr * (kDecay * w[first + i] + 0.2 * std::sqrt(longest) * orthogonal.values[i]);
  }
}

// A convolution, then dense layers: between the first and the last lie a wide matrix, which is a
// convolution's, a tall one and a square one.
ParameterLayout layout() {
  ParameterLayout all;
  testing::add_segment(all, SegmentKind::weights, {6, 1, 3, 3});
  testing::add_segment(all, SegmentKind::bias, {6});
  testing::add_segment(all, SegmentKind::weights, {8, 6, 3, 3});
  testing::add_segment(all, SegmentKind::bias, {8});
  testing::add_segment(all, SegmentKind::weights, {40, 12});
  testing::add_segment(all, SegmentKind::bias, {12});
  testing::add_segment(all, SegmentKind::weights, {12, 12});
  testing::add_segment(all, SegmentKind::weights, {12, 10});
  testing::add_segment(all, SegmentKind::bias, {10});
  return all;
}

TEST(Muon, AgreesWithTheEquationsInDouble) {
  const ParameterLayout all = layout();
  OptimizerOptions options{
      .name = "muon", .momentum = kMomentum, .beta1 = kBeta1, .beta2 = kBeta2, .eps = kEps};
  options.weight_decay = kDecay;
  Doubles m(static_cast<std::size_t>(all.size), 0.0);
  Doubles v = m;
  testing::expect_three_equal_steps(
      options, all, kLr, 2e-6, [&](int t, const Doubles& g, Doubles& w) {
        for (std::size_t i = 0; i < all.segments.size(); ++i) {
          const Segment& segment = all.segments[i];
          if (i == 2 || i == 4 || i == 6) {
            muon_by_hand(segment, static_cast<std::size_t>(segment.shape.front()), g, w, v);
          } else {
            adamw_by_hand(segment, t, g, w, m, v);
          }
        }
      });
}

// Each singular value goes its own way: of a diagonal matrix, x ← a x + b x³ + c x⁵ five times.
TEST(Orthogonalizer, BringsEverySingularValueNearOne) {
  const Doubles values = {3.0, 1.0, 0.3, 0.05, 0.01};
  double norm = 0.0;
  for (const double value : values) norm += value * value;
  norm = std::sqrt(norm);
  for (const MatrixShape shape : {MatrixShape{5, 7}, MatrixShape{7, 5}}) {
    AlignedVector matrix(35, 0.0f);
    for (std::size_t i = 0; i < values.size(); ++i) {
      matrix[i * static_cast<std::size_t>(shape.columns) + i] = static_cast<float>(values[i]);
    }
    Orthogonalizer orthogonalizer;
    orthogonalizer.reserve(shape);
    const std::span<const float> result = orthogonalizer.orthogonalize(matrix, shape);
    for (std::size_t i = 0; i < values.size(); ++i) {
      double x = values[i] / norm;
      for (int k = 0; k < 5; ++k) {
        x = 3.4445 * x - 4.7750 * std::pow(x, 3) + 2.0315 * std::pow(x, 5);
      }
      EXPECT_NEAR(result[i * static_cast<std::size_t>(shape.columns) + i], x, 1e-4);
      EXPECT_GT(x, 0.68);
      EXPECT_LT(x, 1.21);
    }
  }
}

TEST(Orthogonalizer, LeavesAMatrixOfZerosWhereItIs) {
  AlignedVector matrix(6, 0.0f);
  Orthogonalizer orthogonalizer;
  orthogonalizer.reserve({2, 3});
  for (const float value : orthogonalizer.orthogonalize(matrix, {2, 3})) EXPECT_EQ(value, 0.0f);
}

TEST(HiddenMatrices, LieBetweenTheFirstWeightsAndTheLast) {
  const ParameterLayout all = layout();
  for (std::size_t i = 0; i < all.segments.size(); ++i) {
    EXPECT_EQ(is_hidden_matrix(all, all.segments[i]), i == 2 || i == 4 || i == 6) << i;
  }
  EXPECT_EQ(matrix_of(all.segments[2])->rows, 8);
  EXPECT_EQ(matrix_of(all.segments[2])->columns, 54);
  EXPECT_FALSE(matrix_of(all.segments[3]));
}

TEST(HiddenMatrices, AreNoEmbeddings) {
  ParameterLayout all = layout();
  all.segments[6].name = "embedding2.weights";
  EXPECT_FALSE(is_hidden_matrix(all, all.segments[6]));
  EXPECT_TRUE(is_hidden_matrix(all, all.segments[4]));
}

// As of a transformer whose output is tied to its embedding: a norm comes last.
TEST(HiddenMatrices, AreTheLastWeightsTooWhereANormFollowsThem) {
  ParameterLayout all = layout();
  testing::add_segment(all, SegmentKind::gain, {10});
  EXPECT_TRUE(is_hidden_matrix(all, all.segments[7]));
  EXPECT_FALSE(is_hidden_matrix(all, all.segments[0]));
}

TEST(Muon, RefusesAModelOnWhichItWouldBeAdamW) {
  ParameterLayout shallow;
  testing::add_segment(shallow, SegmentKind::weights, {784, 128});
  testing::add_segment(shallow, SegmentKind::weights, {128, 10});
  try {
    make_optimizer({.name = "muon"}, shallow);
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("muon has nothing to do on this model"));
    EXPECT_THAT(error.what(), HasSubstr("mlp:128,128"));
  }
}

}  // namespace
}  // namespace etalon

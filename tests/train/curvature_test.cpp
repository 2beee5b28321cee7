// Curvature of networks: eigenvalues against dense matrices, products against PyTorch, B_noise
// against the gradients of single examples.
#include "train/curvature.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/gather.hpp"
#include "model/parameters.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"
#include "support/torch.hpp"
#include "train/vector_sums.hpp"

namespace etalon {
namespace {

Eigen::MatrixXd random_symmetric(int size, std::uint64_t seed) {
  RandomStream stream(seed, "matrix");
  Eigen::MatrixXd matrix(size, size);
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) matrix(i, j) = stream.normal();
  }
  return matrix + matrix.transpose();
}

SymmetricProduct product_of(const Eigen::MatrixXd& matrix) {
  return [&matrix](std::span<const float> from, std::span<float> to) {
    const auto size = static_cast<Eigen::Index>(from.size());
    const Eigen::VectorXd v = Eigen::Map<const Eigen::VectorXf>(from.data(), size).cast<double>();
    Eigen::Map<Eigen::VectorXf>(to.data(), size) = (matrix * v).cast<float>();
  };
}

double largest_of(const Eigen::MatrixXd& matrix) {
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(matrix).eigenvalues().maxCoeff();
}

TEST(Lanczos, FindsTheLargestEigenvalueOfDenseMatricesWithinItsBound) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Eigen::MatrixXd matrix = random_symmetric(120, seed);
    RandomStream start(seed, "start");
    const LargestEigenvalue found =
        largest_eigenvalue(120, product_of(matrix), start, {.tolerance = 0.005});
    EXPECT_TRUE(found.converged);
    const double truth = largest_of(matrix);
    EXPECT_NEAR(found.value, truth, 0.005 * truth);
    EXPECT_LE(std::abs(found.value - truth), found.error + 1e-4 * truth);
  }
}

// Of one row, of a multiple of the identity, of rank one and below zero: where the space is
// exhausted at once.
TEST(Lanczos, EndsWhereTheSpaceIsExhausted) {
  const Eigen::MatrixXd rank_one =
      7.0 * Eigen::VectorXd::Ones(16).normalized() * Eigen::RowVectorXd::Ones(16).normalized();
  const std::pair<Eigen::MatrixXd, double> cases[] = {
      {Eigen::MatrixXd::Constant(1, 1, 3.0), 3.0},
      {2.5 * Eigen::MatrixXd::Identity(30, 30), 2.5},
      {rank_one, 7.0},
      {-4.0 * Eigen::MatrixXd::Identity(9, 9), -4.0}};
  for (const auto& [matrix, largest] : cases) {
    RandomStream start(1, "start");
    const LargestEigenvalue found =
        largest_eigenvalue(static_cast<std::size_t>(matrix.rows()), product_of(matrix), start);
    EXPECT_NEAR(found.value, largest, 1e-5 * std::abs(largest));
    EXPECT_LE(found.products, 3);
  }
}

TEST(Lanczos, SaysThatItDidNotConverge) {
  const Eigen::MatrixXd matrix = random_symmetric(120, 1);
  RandomStream start(1, "start");
  const auto found = largest_eigenvalue(120, product_of(matrix), start, {.most_products = 4});
  EXPECT_FALSE(found.converged);
  EXPECT_EQ(found.products, 4);
  EXPECT_LT(found.value, largest_of(matrix));
}

TEST(Lanczos, IsNotFiniteWhereTheMatrixIsNot) {
  RandomStream start(1, "start");
  const auto found = largest_eigenvalue(
      5, [](auto, std::span<float> to) { std::fill(to.begin(), to.end(), NAN); }, start);
  EXPECT_FALSE(found.converged);
  EXPECT_TRUE(std::isnan(found.value));
}

constexpr std::size_t kPopulation = 320, kWitnessed = 24;

// A few training examples, so that the truth over all of them can be had.
class CurvatureOfNetworks : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    data_ = *load_splits("fashion-mnist", {});
    data_.train.rows.resize(kPopulation);
  }
  static ModelSpec model(const char* name) { return parse_model(name, {1, 28, 28}, 10); }
  static AlignedVector weights_of(const ModelSpec& model, std::uint64_t seed = 3) {
    return initial_weights(parameter_layout(model), seed);
  }
  static std::vector<std::uint32_t> everyone() {
    std::vector<std::uint32_t> all(kPopulation);
    for (std::uint32_t i = 0; i < kPopulation; ++i) all[i] = i;
    return all;
  }
  // For the Hessian of the mean loss over the population.
  static void prepare(HessianProduct& hessian, std::span<const float> weights) {
    gather(data_.train, data_.normalization, everyone(), hessian.src(), hessian.labels());
    hessian.prepare(weights);
  }
  static inline DataSplits data_;
};

// tr(HΣ) = mean g_iᵀHg_i − GᵀHG, one example at a time.
TEST_F(CurvatureOfNetworks, HaveTheNoiseScaleOfSingleExamples) {
  const ModelSpec mlp = model("mlp:8");
  const AlignedVector weights = weights_of(mlp);
  HessianProduct hessian(mlp, kPopulation);
  prepare(hessian, weights);
  BatchGradient gradient(data_, mlp, 1);
  AlignedVector one(weights.size()), product(weights.size()), mean(weights.size());
  double each = 0.0;
  for (std::uint32_t i = 0; i < kPopulation; ++i) {
    gradient.compute(weights.data(), {&i, 1}, {one.data(), 1.0f, false});
    hessian.multiply(weights, one, {product.data(), 1.0f, false});
    each += dot_product(one, product) / kPopulation;
    add_scaled(1.0 / kPopulation, one, mean);
  }
  hessian.multiply(weights, mean, {product.data(), 1.0f, false});
  const double curvature = dot_product(mean, product), trace = each - curvature;
  const double greatest = dot_product(mean, mean) / curvature;
  Curvature measure(data_, mlp, 1, {.examples = 1024});
  constexpr int kMeasurements = 30;
  double mean_curvature = 0.0, mean_trace = 0.0;
  int scale = 0, lr = 0;
  for (int step = 0; step < kMeasurements; ++step) {
    const auto measured = measure.measure(weights, step);
    ASSERT_TRUE(measured);
    mean_curvature += measured->noise.gradient_curvature().value / kMeasurements;
    mean_trace += measured->noise.curvature_trace().value / kMeasurements;
    const auto b = measured->noise.noise_scale(), g = measured->noise.greatest_lr();
    scale += *b.low <= trace / curvature && trace / curvature <= *b.high;
    lr += *g.low <= greatest && greatest <= *g.high;
  }
  fmt::print(
      "B_noise {:.4g}, η_max {:.4g}; GᵀHG off by {:.2f} %, tr(HΣ) by {:.2f} %; covered {} "
      "and {} of {}\n",
      trace / curvature, greatest, 100.0 * (mean_curvature / curvature - 1.0),
      100.0 * (mean_trace / trace - 1.0), scale, lr, kMeasurements);
  EXPECT_NEAR(mean_curvature, curvature, 0.04 * curvature);
  EXPECT_NEAR(mean_trace, trace, 0.04 * trace);
  EXPECT_GE(scale, 0.8 * kMeasurements);
  EXPECT_GE(lr, 0.8 * kMeasurements);
}

// All products with unit vectors are the Hessian, whose eigenvalues Eigen has.
TEST_F(CurvatureOfNetworks, HaveTheSharpnessOfTheDenseHessian) {
  Examples corner{.shape = {.height = 4, .width = 7, .classes = 10}};
  std::vector<std::uint8_t> pixels;
  for (std::size_t n = 0; n < kPopulation; ++n) {
    const std::uint8_t* image = data_.train.examples->bytes.data() + data_.train.rows[n] * 784;
    for (std::size_t i = 0; i < 28; ++i) pixels.push_back(image[28 * (8 + i / 7) + 10 + i % 7]);
    corner.labels.push_back(data_.train.label(n));
  }
  corner.bytes = SharedArray(pixels);
  const Dataset tiny = whole("tiny", corner);
  const ModelSpec spec = parse_model("mlp:6,5", {1, 4, 7}, 10);
  const AlignedVector weights = weights_of(spec);
  HessianProduct hessian(spec, kPopulation);
  gather(tiny, data_.normalization, everyone(), hessian.src(), hessian.labels());
  hessian.prepare(weights);
  const auto size = static_cast<Eigen::Index>(weights.size());
  Eigen::MatrixXf dense(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    AlignedVector unit(weights.size());
    unit[static_cast<std::size_t>(i)] = 1.0f;
    hessian.multiply(weights, unit, {dense.col(i).data(), 1.0f, false});
  }
  EXPECT_LT((dense - dense.transpose()).norm(), 1e-5f * dense.norm());
  const double truth = largest_of(dense.cast<double>());
  RandomStream start(1, "start");
  const auto found = largest_eigenvalue(weights.size(),
                                        [&](std::span<const float> from, std::span<float> to) {
                                          hessian.multiply(weights, from, {to.data(), 1.0f, false});
                                        },
                                        start, {.tolerance = 1e-4});
  EXPECT_TRUE(found.converged);
  EXPECT_NEAR(found.value, truth, 2e-4 * truth);
}

// The sharpness of the population, of which each measurement draws 1024 examples.
TEST_F(CurvatureOfNetworks, HaveAnIntervalThatHoldsTheSharpnessOfThePopulation) {
  const ModelSpec mlp = model("mlp:8");
  const AlignedVector weights = weights_of(mlp);
  HessianProduct hessian(mlp, kPopulation);
  prepare(hessian, weights);
  RandomStream start(1, "start");
  const double truth =
      largest_eigenvalue(weights.size(),
                         [&](std::span<const float> from, std::span<float> to) {
                           hessian.multiply(weights, from, {to.data(), 1.0f, false});
                         },
                         start, {.tolerance = 1e-3})
          .value;
  Curvature measure(data_, mlp, 1, {.examples = 1024});
  constexpr int kMeasurements = 30;
  int held = 0;
  double width = 0.0;
  for (int step = 0; step < kMeasurements; ++step) {
    const auto measured = measure.measure(weights, step);
    ASSERT_TRUE(measured);
    const Sharpness& found = measured->sharpness;
    held += *found.low <= truth && truth <= *found.high;
    width += (*found.high - *found.low) / truth / kMeasurements;
    EXPECT_EQ(measure.measure_sharpness(weights, step)->value, found.value);
  }
  fmt::print("λ_max {:.4g}: held {} of {}, mean width {:.1f} %\n", truth, held, kMeasurements,
             100.0 * width);
  EXPECT_GE(held, 0.8 * kMeasurements);
  EXPECT_LT(width, 0.3);
}

TEST_F(CurvatureOfNetworks, IsTheSameForTheSameStepAndAnotherForAnother) {
  const ModelSpec mlp = model("mlp:8");
  const AlignedVector weights = weights_of(mlp);
  Curvature one(data_, mlp, 1, {.examples = 64}), other(data_, mlp, 1, {.examples = 64});
  const auto first = one.measure(weights, 5);
  EXPECT_EQ(first->sharpness.value, other.measure(weights, 5)->sharpness.value);
  EXPECT_NE(first->sharpness.value, other.measure(weights, 6)->sharpness.value);
}

TEST_F(CurvatureOfNetworks, IsNoneWhereTheWeightsAreNotFinite) {
  const ModelSpec mlp = model("linear");
  AlignedVector weights = weights_of(mlp);
  weights[0] = NAN;
  EXPECT_FALSE(Curvature(data_, mlp, 1, {.examples = 64}).measure(weights, 0));
}

TEST_F(CurvatureOfNetworks, IsNoneWhereItWasAskedToStop) {
  const ModelSpec mlp = model("mlp:8");
  StopFlag stop;
  stop.request();
  EXPECT_FALSE(Curvature(data_, mlp, 1, {.examples = 64}).measure(weights_of(mlp), 0, stop));
}

class CurvatureAgainstTorch : public CurvatureOfNetworks,
                              public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    if (!testing::has_torch()) GTEST_SKIP() << "needs Debian's package python3-torch";
  }

  template <typename Values>
  void write(const char* name, const Values& values) const {
    std::ofstream file(directory_.path() / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(values.data()),
               static_cast<std::streamsize>(values.size() * sizeof(values[0])));
  }

  std::vector<double> read(const char* name) const {
    std::vector<double> values(std::filesystem::file_size(directory_.path() / name) / 8);
    std::ifstream(directory_.path() / name, std::ios::binary)
        .read(reinterpret_cast<char*>(values.data()),
              static_cast<std::streamsize>(8 * values.size()));
    return values;
  }

  void write_task(const ParameterLayout& layout) const {
    nlohmann::json task = {{"model", GetParam()}, {"segments", nlohmann::json::array()}};
    for (const Segment& segment : layout.segments) {
      task["segments"].push_back(
          {{"name", segment.name}, {"shape", segment.shape}, {"offset", segment.offset}});
    }
    std::ofstream(directory_.path() / "task.json") << task;
  }

  testing::TemporaryDirectory directory_;
};

TEST_P(CurvatureAgainstTorch, ProductsAndSharpnessAreTheSame) {
  const ModelSpec spec = model(GetParam());
  const AlignedVector weights = weights_of(spec);
  HessianProduct hessian(spec, kWitnessed);
  const auto population = everyone();
  gather(data_.train, data_.normalization, std::span(population).first(kWitnessed), hessian.src(),
         hessian.labels());
  hessian.prepare(weights);
  AlignedVector direction(weights.size()), product(weights.size());
  RandomStream stream(2, "direction");
  for (float& value : direction) value = static_cast<float>(stream.normal());
  hessian.multiply(weights, direction, {product.data(), 1.0f, false});
  write("weights.f32", weights);
  write("direction.f32", direction);
  write("src.f32", hessian.src());
  write("labels.i32", hessian.labels());
  write_task(parameter_layout(spec));
  const auto ran = testing::run_command(fmt::format(
      "/usr/bin/python3 '{}' '{}' 2>&1", ETALON_CURVATURE_WITNESS, directory_.path().string()));
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  const auto expected = read("product.f64");
  double off = 0.0, length = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    off += std::pow(static_cast<double>(product[i]) - expected[i], 2);
    length += expected[i] * expected[i];
  }
  EXPECT_LT(std::sqrt(off / length), 1e-4);
  const auto largest = read("largest.f64");
  ASSERT_LT(largest[1], 0.006 * largest[0]) << "the witness did not converge";
  const auto found = largest_eigenvalue(
      weights.size(),
      [&](std::span<const float> from, std::span<float> to) {
        hessian.multiply(weights, from, {to.data(), 1.0f, false});
      },
      stream);
  EXPECT_NEAR(found.value, largest[0], 0.01 * largest[0]);
}

INSTANTIATE_TEST_SUITE_P(Models, CurvatureAgainstTorch,
                         ::testing::Values("mlp:16", "mlp:12,9", "lenet"));

}  // namespace
}  // namespace etalon

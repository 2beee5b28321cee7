// Accumulation, clipping and the weight average against plain loops.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "etalon/error.hpp"
#include "train/trainer.hpp"

namespace etalon {
namespace {

class Accumulation : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { data_ = load_splits("fashion-mnist", {}); }
  static ModelSpec model() { return parse_model("mlp:16", {1, 28, 28}, 10); }

  static AlignedVector gradient(std::int64_t micro_batch, std::uint32_t window, double* loss) {
    const ParameterLayout layout = parameter_layout(model());
    const AlignedVector weights = initial_weights(layout, 3);
    AlignedVector result(weights.size());
    std::vector<std::uint32_t> indices(window);
    std::iota(indices.begin(), indices.end(), 100u);
    BatchGradient batch(*data_, model(), micro_batch);
    *loss = batch.compute(weights.data(), indices, {result.data(), 1.0f, false}).loss_sum;
    return result;
  }

  static inline std::shared_ptr<const DataSplits> data_;
};

TEST_F(Accumulation, EqualsOneLargeBatchAlsoWhereTheLastMicroBatchIsSmaller) {
  for (const std::int64_t micro_batch : {8, 25, 60, 99}) {  // 96 = 12·8 = 3·25 + 21 = 60 + 36
    double whole_loss = 0.0;
    double loss = 0.0;
    const AlignedVector whole = gradient(96, 96, &whole_loss);
    const AlignedVector accumulated = gradient(micro_batch, 96, &loss);
    EXPECT_NEAR(loss, whole_loss, 1e-4);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      ASSERT_NEAR(accumulated[i], whole[i], 2e-6) << micro_batch << ", parameter " << i;
    }
  }
}

// What the mean of the micro-batches' means would get wrong.
TEST_F(Accumulation, WeighsASmallerMicroBatchByItsExamples) {
  double loss = 0.0;
  const AlignedVector window = gradient(7, 8, &loss);
  const AlignedVector first = gradient(7, 7, &loss);
  double difference = 0.0;
  for (std::size_t i = 0; i < window.size(); ++i) {
    difference = std::max(difference, static_cast<double>(std::abs(window[i] - first[i])));
  }
  const AlignedVector whole = gradient(8, 8, &loss);
  for (std::size_t i = 0; i < window.size(); ++i) ASSERT_NEAR(window[i], whole[i], 2e-6);
  EXPECT_GT(difference, 1e-3);  // the eighth example matters
}

TEST_F(Accumulation, TrainsAsALargeBatchDoes) {
  const TrainerOptions whole{{.name = "momentum"}, 64};
  TrainerOptions parts = whole;
  parts.micro_batch = 24;
  Trainer expected(*data_, model(), whole, 5);
  Trainer accumulated(*data_, model(), parts, 5);
  for (int step = 0; step < 4; ++step) {
    expected.step(0.05f);
    accumulated.step(0.05f);
  }
  for (std::size_t i = 0; i < expected.weights().size(); ++i) {
    ASSERT_NEAR(accumulated.weights()[i], expected.weights()[i], 1e-5);
  }
}

TEST_F(Accumulation, RefusesAMicroBatchLargerThanTheBatch) {
  EXPECT_THROW(Trainer(*data_, model(), TrainerOptions{{}, 8, 9}, 1), InputError);
}

TEST_F(Accumulation, AverageOfTheWeightsFollowsItsRecurrence) {
  TrainerOptions options{{.name = "sgd"}, 32};
  options.ema = 0.9;
  Trainer trainer(*data_, model(), options, 2);
  std::vector<double> expected(trainer.weights().begin(), trainer.weights().end());
  for (int step = 0; step < 20; ++step) {
    trainer.step(0.1f);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      expected[i] = 0.9 * expected[i] + 0.1 * static_cast<double>(trainer.weights()[i]);
    }
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(trainer.averaged_weights()[i], expected[i], 1e-6);
  }
}

TEST(Clipping, ScalesAGradientThatIsTooLongAndCountsIt) {
  GradientClipper clipper({.norm = 1.0, .value = {}});
  std::vector<float> large = {3.0f, -4.0f};
  std::vector<float> small = {0.3f, -0.4f};
  clipper.clip(large);
  clipper.clip(small);
  EXPECT_NEAR(large[0], 0.6, 1e-6);
  EXPECT_NEAR(large[1], -0.8, 1e-6);
  EXPECT_EQ(small, (std::vector<float>{0.3f, -0.4f}));
  EXPECT_DOUBLE_EQ(clipper.clipped_fraction(), 0.5);
}

TEST(Clipping, CutsValuesBeforeItMeasuresTheNorm) {
  GradientClipper clipper({.norm = 1.0, .value = 2.0});
  std::vector<float> gradient = {2.0f, -200.0f, 1.0f};
  clipper.clip(gradient);  // (2, −2, 1), of norm 3
  EXPECT_NEAR(gradient[0], 2.0 / 3.0, 1e-6);
  EXPECT_NEAR(gradient[1], -2.0 / 3.0, 1e-6);
  EXPECT_NEAR(gradient[2], 1.0 / 3.0, 1e-6);
}

TEST(Clipping, LeavesAGradientThatIsNotFinite) {
  GradientClipper clipper({.norm = 1.0, .value = 1.0});
  std::vector<float> gradient = {std::nanf(""), 5.0f};
  clipper.clip(gradient);
  EXPECT_TRUE(std::isnan(gradient[0]));
}

TEST(Clipping, RefusesABoundThatIsNotPositive) {
  EXPECT_THROW(GradientClipper({.norm = 0.0, .value = {}}), InputError);
  EXPECT_THROW(GradientClipper({.norm = {}, .value = -1.0}), InputError);
  EXPECT_THROW(GradientClipper({.norm = {}, .value = 1e-300}), InputError);  // 0 as a float
}

}  // namespace
}  // namespace etalon

// The gap between validation and training loss: its numbers by hand, the coverage of its intervals,
// and what is said of it.
#include "study/generalization.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.hpp"
#include "optimum/coverage_tally.hpp"
#include "study/outcome.hpp"
#include "study/study_fixture.hpp"
#include "support/synthetic_study.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using testing::Tally;

constexpr double kLevel = 0.90;

// A gap falling by a line over log2 B, with the noise of a seed and a shift of each batch size.
struct GapModel {
  std::vector<std::int64_t> batch_sizes = {8, 16, 32, 64, 128, 256, 512, 1024, 2048};
  double slope = -0.003;
  double noise = 0.003;
  double shift = 0.0;
  double at(std::int64_t batch_size) const {
    return 0.05 + slope * std::log2(static_cast<double>(batch_size));
  }
};

std::vector<GapsAt> draw(const GapModel& model, RandomStream& random) {
  std::vector<GapsAt> all;
  for (const std::int64_t batch_size : model.batch_sizes) {
    const double mean = model.at(batch_size) + model.shift * random.normal();
    GapsAt at{batch_size, {}};
    const std::size_t seeds = 2 + random.below(5);
    while (at.gaps.size() < seeds) at.gaps.push_back(mean + model.noise * random.normal());
    all.push_back(at);
  }
  return all;
}

void expect_nominal(const Tally& tally, const std::string& name) {
  tally.print(name);
  EXPECT_GE(tally.rate(), 0.85) << name;
  EXPECT_LE(tally.rate(), 0.95) << name;
}

TEST(Generalization, IntervalsHoldTheTruthAsOftenAsTheySay) {
  constexpr int kStudies = 600;
  const std::pair<const char*, GapModel> kModels[] = {
      {"nine batch sizes", {}},
      {"three batch sizes", {.batch_sizes = {32, 128, 512}}},
      {"two batch sizes", {.batch_sizes = {32, 512}}},
      {"a shift of each batch size", {.shift = 0.006}}};
  for (const auto& [name, model] : kModels) {
    RandomStream random(testing::kSeed, name);
    Tally slope, gap;
    for (int i = 0; i < kStudies; ++i) {
      const std::vector<GapsAt> all = draw(model, random);
      const GapInterval fitted = gap_slope(all, kLevel).value();
      slope.add(model.slope, fitted.low, fitted.high);
      const GapInterval mean = mean_gaps(all, kLevel).front();
      gap.add(model.at(all.front().batch_size), mean.low, mean.high);
    }
    expect_nominal(slope, fmt::format("the slope, {}", name));
    // With shifts, the mean of more seeds at this batch size is not the model's.
    if (model.shift == 0) expect_nominal(gap, fmt::format("the gap, {}", name));
  }
}

// Of seeds whose noise differs between batch sizes, as it does in training.
TEST(Generalization, IntervalsAreNotFooledByABatchSizeThatIsNoisier) {
  RandomStream random(testing::kSeed, "noisier");
  Tally gap;
  for (int i = 0; i < 600; ++i) {
    std::vector<GapsAt> all = draw({.slope = 0.0, .noise = 0.003}, random);
    for (double& value : all.front().gaps) value = 0.05 + 4 * (value - 0.05);
    const GapInterval mean = mean_gaps(all, kLevel).front();
    gap.add(0.05, mean.low, mean.high);
  }
  gap.print("the gap of a batch size that is four times as noisy");
  EXPECT_GE(gap.rate(), 0.80);
}

// By hand: x = 3, 3, 5, 5 and y = 1, 3, 5, 7: the slope is 2, the residuals are 1 each, their
// variance with two degrees of freedom 2, the spread of x is 4, and t is 2.919986.
TEST(Generalization, IsLeastSquaresThroughAllTrials) {
  const std::vector<GapsAt> all = {{8, {1, 3}}, {32, {5, 7}}};
  const GapInterval slope = gap_slope(all, kLevel).value();
  EXPECT_NEAR(slope.value, 2.0, 1e-12);
  EXPECT_NEAR(slope.high.value() - slope.value, 2.919986 * std::sqrt(2.0 / 4.0), 1e-6);
  const GapInterval first = mean_gaps(all, kLevel).front();
  EXPECT_NEAR(first.value, 2.0, 1e-12);
  EXPECT_NEAR(first.high.value() - first.value, 2.919986 * std::sqrt(2.0 / 2.0), 1e-6);
}

TEST(Generalization, HasNoIntervalWhereNoSeedsTellTheNoise) {
  const std::vector<GapsAt> all = {{8, {1}}, {32, {5}}};
  EXPECT_FALSE(gap_slope(all, kLevel)->low);
  EXPECT_FALSE(mean_gaps(all, kLevel).front().low);
  EXPECT_FALSE(gap_slope({{8, {1, 2}}}, kLevel));
}

StudyResult with_gaps(double at_first, double per_doubling, double noise) {
  StudyResult result = testing::synthetic_study();
  for (TrialRecord& trial : result.trials) {
    if (!trial.result.objective) continue;
    const auto batch_size = static_cast<std::uint64_t>(trial.spec.batch_size);
    const double gap = at_first + per_doubling * std::log2(static_cast<double>(batch_size) / 8.0) +
                       noise * testing::synthetic_noise(batch_size, 1.0, trial.spec.seed);
    trial.result.train_loss = *trial.result.objective - gap;
  }
  return result;
}

TEST(Generalization, SaysThatTheGapShrinksAndWhoFitsFurther) {
  const auto found = generalization_of(with_gaps(0.06, -0.005, 0.001)).value();
  EXPECT_EQ(found.trend, GapTrend::shrinks);
  ASSERT_EQ(found.gaps.size(), 9u);
  EXPECT_EQ(found.gaps[0].trials, 3);
  EXPECT_NEAR(found.gaps[0].gap, 0.06, 0.001);
  EXPECT_NEAR(found.gaps[0].gap, found.gaps[0].validation_loss - found.gaps[0].train_loss, 1e-12);
  const auto [first, last] = gap_line(found).value();
  EXPECT_NEAR(first, 0.06, 0.001);
  EXPECT_NEAR(last - first, 8 * *found.slope, 1e-12);
  EXPECT_LT(*found.slope_low, -0.005);
  EXPECT_GT(*found.slope_high, -0.0051);
  EXPECT_THAT(found.explanation, HasSubstr("Validation loss exceeds training loss by 0.0"));
  EXPECT_THAT(found.explanation, HasSubstr("the gap shrinks by 0.00"));
  EXPECT_THAT(found.explanation,
              HasSubstr("the small batch does not generalize better here, but it "
                        "fits the training set further (training loss 0."));
}

TEST(Generalization, SaysThatTheGapGrows) {
  const auto found = generalization_of(with_gaps(0.01, 0.005, 0.001)).value();
  EXPECT_EQ(found.trend, GapTrend::grows);
  EXPECT_THAT(found.explanation, HasSubstr("the small batch generalizes better here, and it fits"));
}

TEST(Generalization, CannotTellWhereTheIntervalHoldsZero) {
  const auto found = generalization_of(with_gaps(0.03, 0.0, 0.01)).value();
  EXPECT_EQ(found.trend, GapTrend::cannot_tell);
  EXPECT_THAT(found.explanation, HasSubstr("cannot be told"));
}

TEST(Generalization, CannotTellFromOneBatchSize) {
  StudyResult result = with_gaps(0.03, 0.0, 0.01);
  result.optima.resize(1);
  const auto found = generalization_of(result).value();
  EXPECT_EQ(found.trend, GapTrend::cannot_tell);
  EXPECT_FALSE(found.slope);
  EXPECT_FALSE(gap_line(found));
  EXPECT_THAT(found.explanation, HasSubstr("one batch size does not say"));
}

// Other learning rates, recipes that move more, and trials of older studies say nothing.
TEST(Generalization, TakesOnlyTheTrialsOfTheBestLearningRateThatMeasured) {
  StudyResult result = with_gaps(0.06, -0.005, 0.001);
  const auto before = generalization_of(result).value();
  for (TrialRecord& trial : result.trials) {
    const bool is_best = trial.spec.lr == result.optima[2].best_lr;
    if (trial.spec.batch_size == 32 && !is_best) trial.result.train_loss = -7.0;
  }
  TrialRecord moved = result.trials.front();
  moved.spec.lr = result.optima[2].best_lr;
  moved.spec.moved.ema = 0.9;
  moved.result.train_loss = -7.0;
  result.trials.push_back(moved);
  EXPECT_EQ(generalization_of(result)->gaps[2].gap, before.gaps[2].gap);
  for (TrialRecord& trial : result.trials) trial.result.train_loss.reset();
  EXPECT_FALSE(generalization_of(result));
}

TEST(Generalization, IsNoPartOfAStudyThatMeasuredNoTrainingLoss) {
  EXPECT_FALSE(
      testing::run(testing::noisy_quadratic_workload(), testing::small_options()).generalization);
}

TEST(Generalization, IsPartOfWhatAStudySays) {
  StudyResult result = with_gaps(0.06, -0.005, 0.001);
  result.optima.clear();
  result.rules.clear();
  result.recommendations.clear();
  evaluate(result);
  ASSERT_TRUE(result.generalization);
  EXPECT_EQ(result.generalization->trend, GapTrend::shrinks);
}

}  // namespace
}  // namespace etalon

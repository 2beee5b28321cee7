// Runs whose batch size changes on the way, and whose learning rate follows their own losses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "etalon/error.hpp"
#include "train/training_run.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

RunOptions quick() {
  RunOptions options;
  options.training.model = "mlp:16";
  options.training.budget_examples = 6000;
  options.training.optimizer.name = "adamw";
  options.training.schedule.name = "cosine";
  options.lr = 1e-3;
  options.training.clipping.norm = 1.0;
  options.training.ema = 0.9;
  options.evaluations = 6;
  return options;
}

RunOptions ramp(const std::string& name) {
  RunOptions options = quick();
  options.batch_size = 16;
  options.batch_schedule.name = name;
  options.batch_schedule.end = 128;
  if (name == "step") {
    options.batch_schedule.factor = 2.0;
    for (const double at : {1000.0, 2500.0, 4000.0, 5000.0}) {
      options.batch_schedule.milestones.push_back({at, DurationUnit::examples});
    }
  }
  return options;
}

void run_to_end(TrainingRun& run) {
  while (run.state() == TrialState::pending) run.step();
}

// Every change of the batch size in a ramp is within the steps that are tried.
void expect_same_bits_when_resumed(const RunOptions& options) {
  TrainingRun whole(options);
  run_to_end(whole);
  ASSERT_EQ(whole.state(), TrialState::finished);
  for (const int interruption : {29, 90}) {
    TrainingRun first(options);
    for (int step = 0; step < interruption; ++step) first.step();
    TrainingRun second(options);
    second.restore(first.checkpoint(), "memory");
    EXPECT_EQ(second.checkpoint(), first.checkpoint()) << interruption;
    run_to_end(second);
    EXPECT_EQ(second.curve(), whole.curve()) << interruption;
    EXPECT_EQ(second.checkpoint(), whole.checkpoint()) << interruption;
  }
}

class Ramp : public ::testing::TestWithParam<std::string> {};

TEST_P(Ramp, ResumesToTheSameBitsInItsMiddleWithAccumulationClippingAndAverage) {
  RunOptions options = ramp(GetParam());
  options.micro_batch = 24;  // over the first batches, under the last
  expect_same_bits_when_resumed(options);
}

TEST_P(Ramp, ResumesToTheSameBitsForPlainDescentInOnePass) {
  RunOptions options = ramp(GetParam());
  options.training.optimizer = {.name = "sgd"};
  options.training.clipping = {};
  options.training.ema.reset();
  options.lr = 0.05;
  expect_same_bits_when_resumed(options);
}

TEST_P(Ramp, SpendsTheBudgetToWithinOneBatchAndGrows) {
  TrainingRun run(ramp(GetParam()));
  std::int64_t last = 0;
  std::int64_t sum = 0;
  while (run.state() == TrialState::pending) {
    const std::int64_t before = run.examples();
    run.step();
    sum += run.examples() - before;
    EXPECT_GE(run.batch_size(), last);
    last = run.batch_size();
  }
  EXPECT_LE(sum, 6000);
  EXPECT_GT(sum, 6000 - 128);
  EXPECT_GT(last, 16);
  EXPECT_EQ(run.curve().size(), 6u);
  EXPECT_EQ(run.curve().back().examples, sum);
  EXPECT_FALSE(run.total_steps());
}

INSTANTIATE_TEST_SUITE_P(Schedules, Ramp, ::testing::Values("step", "linear", "noise"));

// With λ-free plain descent at a step too small to move the weights, the curve's rates are known.
double share_of_cosine(std::int64_t before, std::int64_t of) {
  return 0.5 *
         (1.0 + std::cos(std::numbers::pi * static_cast<double>(before) / static_cast<double>(of)));
}

TEST(LinearRamp, FollowsTheSquareRootForAdamWAndItsCosineEndsWithTheBudget) {
  TrainingRun run(ramp("linear"));
  while (run.state() == TrialState::pending) {
    const std::int64_t before = run.examples();
    run.step();
    const auto examples = static_cast<double>(before);
    const double size = before >= 6000 ? 128 : 16.0 * std::floor((16 + 112 * examples / 6000) / 16);
    EXPECT_EQ(run.batch_size(), static_cast<std::int64_t>(size));
    EXPECT_NEAR(run.lr(), 1e-3 * std::sqrt(size / 16) * share_of_cosine(before, 6000), 1e-12);
  }
}

TEST(StepRamp, GrowsTheBatchInPlaceOfDecayingAndLeavesTheRestToTheLearningRate) {
  RunOptions options = ramp("step");
  options.training.schedule.name = "constant";
  TrainingRun run(options);
  while (run.state() == TrialState::pending) {
    const std::int64_t before = run.examples();
    run.step();
    const int passed = (before >= 1000) + (before >= 2500) + (before >= 4000) + (before >= 5000);
    EXPECT_EQ(run.batch_size(), std::min(128, 16 << passed));
    EXPECT_DOUBLE_EQ(run.lr(), passed == 4 ? 0.5e-3 : 1e-3);  // 256 is past the end
  }
}

TEST(NoiseRamp, TakesTheLargestNoiseScaleOfItsEvaluations) {
  RunOptions options = ramp("noise");
  options.batch_schedule.fraction = 0.5;
  options.batch_schedule.multiple = 1;
  TrainingRun run(options);
  double largest = 0.0;
  while (run.state() == TrialState::pending) {
    run.step();
    const std::int64_t used = run.batch_size();
    const double size = largest == 0.0 ? 16.0 : std::clamp(std::floor(0.5 * largest), 16.0, 128.0);
    EXPECT_EQ(used, static_cast<std::int64_t>(size));
    if (!run.curve().empty() && run.curve().back().step == run.steps()) {
      ASSERT_TRUE(run.curve().back().noise_scale);
      largest = std::max(largest, *run.curve().back().noise_scale);
    }
  }
  EXPECT_GT(largest, 0.0);
}

TEST(BatchSize, ChangedOnTheWayGivesTheBitsOfATrainerOfThatSizeWithTheSameState) {
  const auto data = load_splits("fashion-mnist", {});
  const ModelSpec model = parse_model("mlp:16", {1, 28, 28}, 10);
  TrainerOptions options{{.name = "adamw"}, 32};
  options.largest_batch = 96;
  options.ema = 0.9;
  Trainer changing(*data, model, options, 3);
  for (int i = 0; i < 10; ++i) changing.step(1e-3f);
  options.batch_size = 96;
  Trainer fixed(*data, model, options, 3);
  Trainer::State from = changing.state();
  Trainer::State to = fixed.state();
  for (std::size_t i = 0; i < from.vectors.size(); ++i) {
    std::ranges::copy(from.vectors[i], to.vectors[i].begin());
  }
  fixed.resume(from.optimizer_steps, from.clipping, 320);
  changing.set_batch_size(96, 1.0);
  for (int i = 0; i < 10; ++i) {
    changing.step(1e-3f);
    fixed.step(1e-3f);
  }
  EXPECT_TRUE(std::ranges::equal(changing.weights(), fixed.weights()));
  EXPECT_TRUE(std::ranges::equal(changing.averaged_weights(), fixed.averaged_weights()));
}

TEST(BatchSize, LargerByKappaTakesTheAverageAsKappaSteps) {
  const auto data = load_splits("fashion-mnist", {});
  TrainerOptions options{{.name = "sgd"}, 32};
  options.largest_batch = 128;
  options.ema = 0.9;
  Trainer trainer(*data, parse_model("linear", {1, 28, 28}, 10), options, 3);
  const std::vector<float> before(trainer.weights().begin(), trainer.weights().end());
  trainer.set_batch_size(128, 4.0);
  trainer.step(0.1f);
  const double rho = 0.9 * 0.9 * 0.9 * 0.9;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double expected = rho * static_cast<double>(before[i]) +
                            (1.0 - rho) * static_cast<double>(trainer.weights()[i]);
    ASSERT_NEAR(trainer.averaged_weights()[i], expected, 1e-6);
  }
}

TEST(Plateau, LowersTheRateWhenTheLossStallsAndStopsAtItsFloor) {
  RunOptions options = quick();
  options.training.schedule.name = "plateau";
  options.training.schedule.plateau_factor = 0.5;
  options.training.schedule.plateau_patience = 1;
  options.training.schedule.plateau_threshold = 0.01;
  options.training.schedule.floor = 0.2;
  options.lr = 1e-9;  // nothing changes: every evaluation but the first is bad
  options.evaluations = 10;
  options.batch_size = 20;
  TrainingRun run(options);
  run_to_end(run);
  std::vector<double> rates;
  for (const RunPoint& point : run.curve()) rates.push_back(point.lr / 1e-9);
  // Evaluations 3, 5, 7 are the second bad ones in a row; the third reduction is cut at the floor.
  const std::vector<double> expected = {1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2};
  ASSERT_EQ(rates.size(), expected.size());
  for (std::size_t i = 0; i < rates.size(); ++i) EXPECT_NEAR(rates[i], expected[i], 1e-12) << i;
}

// 50 steps of which 23 warm up: the evaluations after 5, 10, 15 and 20 steps say nothing, that
// after 25 is the first, and every one from then on is bad. So it is after the lines that etalon
// scale prints for PyTorch.
TEST(Plateau, CountsNoEvaluationOfTheWarmUp) {
  RunOptions options = quick();
  options.training.schedule.name = "plateau";
  options.training.schedule.plateau_factor = 0.5;
  options.training.schedule.plateau_patience = 0;
  options.training.schedule.plateau_threshold = 0.01;
  options.training.schedule.warmup = Duration{23.0, DurationUnit::steps};
  options.training.budget_examples = 0;
  options.training.budget_steps = 50;
  options.lr = 1e-9;
  options.evaluations = 10;
  TrainingRun run(options);
  run_to_end(run);
  std::vector<double> rates;
  for (const RunPoint& point : run.curve()) rates.push_back(point.lr / 1e-9);
  const std::vector<double> expected = {4. / 23, 9. / 23, 14. / 23, 19. / 23, 1,
                                        1,       0.5,     0.25,     0.125,    0.0625};
  ASSERT_EQ(rates.size(), expected.size());
  for (std::size_t i = 0; i < rates.size(); ++i) EXPECT_NEAR(rates[i], expected[i], 1e-12) << i;
}

TEST(Plateau, ResumesToTheSameBitsAlsoAboveAWarmUpAndABatchRamp) {
  RunOptions options = ramp("linear");
  options.training.schedule.name = "plateau";
  options.training.schedule.plateau_factor = 0.5;
  options.training.schedule.plateau_patience = 0;
  options.training.schedule.plateau_threshold = 0.5;
  options.training.schedule.warmup = Duration{500.0, DurationUnit::examples};
  TrainingRun whole(options);
  run_to_end(whole);
  EXPECT_LT(whole.lr(), 1e-3 * std::sqrt(8.0) / 4);
  expect_same_bits_when_resumed(options);
}

void expect_refused(const std::function<void(RunOptions&)>& change, const std::string& message) {
  RunOptions options = ramp("linear");
  change(options);
  try {
    TrainingRun run(options);
    FAIL() << "not refused: " << message;
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr(message));
  }
}

TEST(BatchSchedule, RefusesWhatCannotBeMeant) {
  expect_refused([](auto& o) { o.batch_schedule.name = "zigzag"; }, "there is no batch schedule");
  expect_refused([](auto& o) { o.batch_schedule.end = 16; }, "goes from 16 to 16");
  expect_refused([](auto& o) { o.batch_schedule.start = 0; }, "batch_start is 0");
  expect_refused([](auto& o) { o.batch_schedule.multiple = 0; }, "batch_multiple is 0");
  expect_refused([](auto& o) { o.micro_batch = 129; }, "micro_batch is 129");
  expect_refused(
      [](auto& o) {
        o.batch_schedule.length = Duration{5.0, DurationUnit::steps};
      },
      "counted in steps");
  expect_refused(
      [](auto& o) {
        o.training.schedule.warmup = Duration{5.0, DurationUnit::steps};
      },
      "counted in steps");
  expect_refused(
      [](auto& o) {
        o.training.budget_examples = 0;
        o.training.budget_steps = 10;
      },
      "steps is no number of examples");
  expect_refused(
      [](auto& o) {
        o.batch_schedule.milestones = {{9.0, DurationUnit::epochs}};
      },
      "takes no milestones");
  expect_refused([](auto& o) { o.batch_schedule.name = "step"; }, "has no milestones");
  expect_refused([](auto& o) { o.batch_schedule.name = "constant"; }, "is given without one");
}

TEST(BatchRule, IsTheOneThatSuitsTheOptimizerUnlessAskedFor) {
  BatchScheduleOptions options;
  options.name = "linear";
  EXPECT_EQ(batch_rule(options, "momentum"), BatchLrRule::linear);
  EXPECT_EQ(batch_rule(options, "lamb"), BatchLrRule::sqrt);
  options.rule = parse_batch_rule("fixed");
  EXPECT_EQ(batch_rule(options, "sgd"), BatchLrRule::fixed);
  options = {.name = "step"};
  EXPECT_EQ(batch_rule(options, "sgd"), BatchLrRule::fixed);
  EXPECT_THROW(parse_batch_rule("cubic"), InputError);
}

}  // namespace
}  // namespace etalon

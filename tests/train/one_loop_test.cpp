// A trial of a study and a training of its own are one loop: the same settings give the same state
// and the same bits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "etalon/error.hpp"
#include "train/training_run.hpp"
#include "train/training_workload.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

struct LoopCase {
  const char* name;
  OptimizerOptions optimizer;
  std::int64_t batch_size;
  double lr;
  TrialState state;
};

std::ostream& operator<<(std::ostream& out, const LoopCase& c) { return out << c.name; }

TrainingOptions training_of(const LoopCase& c) {
  TrainingOptions options;
  options.model = "mlp:16";
  options.optimizer = c.optimizer;
  options.budget_examples = 9001;  // no multiple of any of the batch sizes
  options.schedule.name = "cosine";
  options.schedule.warmup = Duration{300.0, DurationUnit::examples};
  options.clipping.norm = 5.0;
  options.ema = 0.5;
  return options;
}

// As `etalon train` makes it, with evaluations of its own.
TrainingRun trained(const LoopCase& c) {
  RunOptions options;
  options.training = training_of(c);
  options.batch_size = c.batch_size;
  options.lr = c.lr;
  options.seed = 5;
  options.evaluations = 7;
  TrainingRun run(options);
  while (run.state() == TrialState::pending) run.step();
  return run;
}

class OneLoop : public ::testing::TestWithParam<LoopCase> {};

TEST_P(OneLoop, GivesATrialAndATrainingTheSameStateAndBits) {
  const LoopCase& c = GetParam();
  const TrialResult trial = run_trial(TrainingWorkload(training_of(c)), {c.batch_size, c.lr, 5});
  const TrainingRun run = trained(c);
  EXPECT_EQ(trial.state, c.state);
  EXPECT_EQ(run.state(), trial.state);
  EXPECT_EQ(run.steps(), trial.steps);
  EXPECT_EQ(run.start(), trial.curve.front());
  if (c.state != TrialState::finished) return;
  EXPECT_EQ(run.steps(), 9001 / c.batch_size);
  EXPECT_EQ(run.objective(), trial.objective);
  EXPECT_EQ(run.curve().back().validation_loss, trial.objective);
  EXPECT_EQ(run.curve().back().validation_accuracy, trial.validation_accuracy);
}

INSTANTIATE_TEST_SUITE_P(
    Settings, OneLoop,
    ::testing::Values(LoopCase{"sgd_small", {.name = "sgd"}, 7, 0.05, TrialState::finished},
                      LoopCase{"sgd", {.name = "sgd"}, 32, 0.1, TrialState::finished},
                      LoopCase{"momentum", {.name = "momentum"}, 256, 0.05, TrialState::finished},
                      LoopCase{"adamw", {.name = "adamw"}, 100, 1e-3, TrialState::finished},
                      LoopCase{"one_step", {.name = "adam"}, 9000, 1e-4, TrialState::finished},
                      LoopCase{"too_large", {.name = "sgd"}, 32, 300.0, TrialState::diverged},
                      LoopCase{"far_too_large", {.name = "sgd"}, 32, 1e30, TrialState::diverged}),
    [](const auto& each) { return each.param.name; });

// Finite to the end, and worse than doing nothing.
TEST(OneLoop, CallsATrainingDivergedThatEndsAboveTheUntrainedNetwork) {
  LoopCase c{"", {.name = "adam"}, 32, 3.0, TrialState::diverged};
  const TrainingRun run = trained(c);
  EXPECT_EQ(run.state(), TrialState::diverged);
  EXPECT_EQ(run.stop_reason(), StopReason::worse_than_untrained);
  EXPECT_EQ(run.steps(), *run.total_steps());
  EXPECT_GT(run.curve().back().validation_loss, run.start().validation_loss);
}

TEST(OneLoop, RefusesABatchThatTheTrainingSetDoesNotHold) {
  RunOptions options;
  options.batch_size = 70000;
  const auto refusal = [&] {
    try {
      TrainingRun run(options);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(refusal(), HasSubstr("the batch size is 70000, but the training set has 55000"));
  options.batch_size = 32;
  options.batch_schedule.name = "linear";
  options.batch_schedule.end = 70000;
  EXPECT_THAT(refusal(), HasSubstr("the batch size is 70000"));
  options.batch_schedule = {};
  options.training.budget_steps = kMostBudget;
  EXPECT_THAT(refusal(), HasSubstr("more than 1e12 examples"));
}

TEST(OneLoop, TakesLearningRatesWithinTheCommonBounds) {
  RunOptions options;
  for (const double lr : {1e-300, 1e31, -1.0, std::nan("")}) {
    options.lr = lr;
    EXPECT_THROW(options.validate(), InputError) << lr;
  }
  options.lr = 1e-30;
  EXPECT_NO_THROW(options.validate());
}

// A program's own loop that walks the plan of a training takes the steps of the training.
TEST(RunCourse, TakesTheStepsThatACursorOfItsPlanGives) {
  constexpr std::int64_t kData = 55000, kBudget = 30001;  // no multiple of a batch size
  for (const char* kind : {"constant", "linear"}) {
    RunOptions options;
    options.batch_size = 64;
    options.training.budget_examples = kBudget;
    options.training.schedule = {.name = "cosine"};
    options.batch_schedule = {.name = kind};
    if (!options.batch_schedule.is_constant()) options.batch_schedule.end = 1000;
    const RunCourse course(options, kData);

    TrainingPlan plan;
    plan.lr = fit_schedule_in_examples(options.training.schedule, options.lr,
                                       course.total_examples(), kData);
    plan.batch = fit_batch_schedule(options.batch_schedule, 64, kBudget, kData);
    plan.reference_batch_size = 64;
    plan.rule = batch_rule(options.batch_schedule, "sgd");
    plan.dataset_size = kData;
    plan.budget_examples = kBudget;
    PlanCursor cursor(plan);
    std::int64_t steps = 0, examples = 0;
    while (const auto step = course.next(steps, examples)) {
      const auto planned = cursor.next();
      ASSERT_TRUE(planned.has_value()) << kind << steps;
      ASSERT_EQ(planned->batch_size, step->batch_size);
      ASSERT_NEAR(planned->lr, step->lr, 1e-12);
      ++steps;
      examples += step->batch_size;
    }
    EXPECT_GT(steps, 30);
    EXPECT_FALSE(cursor.next().has_value()) << kind;
  }
}

std::vector<std::string> warnings_of(const ScheduleOptions& schedule) {
  RunOptions options;
  options.training.budget_steps = 100;
  options.training.schedule = schedule;
  return RunCourse(options, 55000).warnings();
}

TEST(RunCourse, WarnsOfMilestonesPastTheEnd) {
  const auto steps = [](double amount) { return Duration{amount, DurationUnit::steps}; };
  EXPECT_THAT(warnings_of({.name = "step", .milestones = {steps(40), steps(90)}}),
              ::testing::IsEmpty());
  const auto late = warnings_of({.name = "step", .milestones = {steps(40), steps(100)}});
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late.front(), "the milestone at 100 steps comes after the end of the training, at 100");
  EXPECT_THAT(warnings_of({.name = "step", .step_every = steps(500)}), ::testing::SizeIs(1));
}

}  // namespace
}  // namespace etalon

#include "train/training_workload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "etalon/error.hpp"

namespace etalon {
namespace {

TrainingOptions quick(std::int64_t steps) {
  TrainingOptions options;
  options.model = "mlp:16";
  options.budget_steps = steps;
  return options;
}

std::vector<double> losses(const TrialResult& result) {
  std::vector<double> values;
  for (const CurvePoint& point : result.curve) {
    values.push_back(point.train_loss.value_or(-1.0));
    values.push_back(point.validation_loss.value_or(-1.0));
  }
  return values;
}

TEST(TrainingWorkload, LearnsFashionMnist) {
  TrainingOptions options;
  options.budget_epochs = 1.0;
  const TrainingWorkload workload(options);
  const TrialResult result = run_trial(workload, {64, 0.1, 1});
  ASSERT_EQ(result.state, TrialState::finished);
  EXPECT_EQ(result.steps, 55000 / 64);
  EXPECT_LT(result.objective.value(), 0.6);
  EXPECT_GT(result.validation_accuracy.value(), 0.78);
  EXPECT_EQ(result.curve.front().step, 0);
  EXPECT_EQ(result.curve.back().step, result.steps);
  EXPECT_EQ(result.curve.back().validation_loss, result.objective);
}

TEST(TrainingWorkload, GivesTheSameBitsOnAnyThread) {
  const TrainingWorkload workload(quick(100));
  const TrialResult here = run_trial(workload, {32, 0.1, 5});
  TrialResult there[2];
  {
    std::jthread first([&] { there[0] = run_trial(workload, {32, 0.1, 5}); });
    std::jthread second([&] { there[1] = run_trial(workload, {32, 0.1, 5}); });
  }
  for (const TrialResult& result : there) {
    EXPECT_EQ(result.objective, here.objective);
    EXPECT_EQ(losses(result), losses(here));
  }
}

TEST(TrainingWorkload, StartsAlikeWhateverTheLearningRate) {
  const TrainingWorkload workload(quick(24));
  const TrialResult low = run_trial(workload, {32, 1e-6, 5});
  const TrialResult high = run_trial(workload, {32, 2e-6, 5});
  const TrialResult other_seed = run_trial(workload, {32, 1e-6, 6});
  EXPECT_EQ(low.curve.front().validation_loss, high.curve.front().validation_loss);
  EXPECT_NEAR(low.curve[1].train_loss.value(), high.curve[1].train_loss.value(), 1e-4);
  EXPECT_NE(low.curve.front().validation_loss, other_seed.curve.front().validation_loss);
}

TEST(TrainingWorkload, DivergenceIsAResultWithItsStep) {
  const TrainingWorkload workload(quick(200));
  const TrialResult result = run_trial(workload, {32, 1e8, 1});
  EXPECT_EQ(result.state, TrialState::diverged);
  EXPECT_FALSE(result.objective.has_value());
  ASSERT_TRUE(result.diverged_step.has_value());
  EXPECT_GE(*result.diverged_step, 1);
  EXPECT_LE(*result.diverged_step, 200);
}

TEST(TrainingWorkload, EndsWithATrainingLossWhereTheObjectiveIsThatOfHeldOutExamples) {
  TrainingOptions options = quick(60);
  const TrialResult result = run_trial(TrainingWorkload(options), {32, 0.1, 1});
  ASSERT_EQ(result.state, TrialState::finished);
  EXPECT_NEAR(result.train_loss.value(), result.objective.value(), 0.1);
  EXPECT_NE(result.train_loss, result.objective);
  EXPECT_FALSE(run_trial(TrainingWorkload(options), {32, 1e8, 1}).train_loss);
  for (const Objective other : {Objective::validation_error, Objective::train_loss}) {
    options.objective = other;
    EXPECT_FALSE(run_trial(TrainingWorkload(options), {32, 0.1, 1}).train_loss);
  }
}

TEST(TrainingWorkload, MeasuresNoTrainingLossWhereNoneIsWanted) {
  const TrainingOptions options = quick(60);
  const TrialResult with = run_trial(TrainingWorkload(options), {32, 0.1, 1});
  const TrialResult without =
      run_trial(TrainingWorkload(options, {.train_loss = false}), {32, 0.1, 1});
  EXPECT_FALSE(without.train_loss);
  EXPECT_EQ(without.objective, with.objective);
}

TEST(TrainingWorkload, StopsWhenAsked) {
  const TrainingWorkload workload(quick(1000000));
  StopFlag stop;
  stop.request();
  EXPECT_EQ(run_trial(workload, {32, 0.1, 1}, stop).state, TrialState::interrupted);
}

TEST(TrainingWorkload, SpendsTheSameExamplesAtEveryBatchSize) {
  TrainingOptions options = quick(0);
  options.budget_examples = 6400;
  const TrainingWorkload workload(options);
  for (const std::int64_t batch_size : {8, 64, 640}) {
    EXPECT_EQ(run_trial(workload, {batch_size, 0.01, 1}).steps, 6400 / batch_size);
  }
  EXPECT_THROW(run_trial(workload, {6401, 0.01, 1}), InputError);
}

TEST(TrainingWorkload, ObjectivesAreReadOffTheEndOfTheCurve) {
  TrainingOptions options = quick(48);
  options.objective = Objective::validation_error;
  const TrialResult error = run_trial(TrainingWorkload(options), {32, 0.1, 1});
  EXPECT_DOUBLE_EQ(error.objective.value(), 1.0 - error.validation_accuracy.value());
  options.objective = Objective::train_loss;
  const TrialResult train = run_trial(TrainingWorkload(options), {32, 0.1, 1});
  const auto& curve = train.curve;
  EXPECT_DOUBLE_EQ(
      train.objective.value(),
      (curve.back().train_loss.value() + curve[curve.size() - 2].train_loss.value()) / 2.0);
}

// Every field that a rule can move, against a workload that has it by its own settings.
TEST(TrainingWorkload, TrainsWithWhatATrialMovesAsIfItWereItsOwn) {
  struct Case {
    const char* optimizer;
    MovedSettings moved;
    TrainingOptions own;
  };
  std::vector<Case> cases;
  const auto add = [&](const char* optimizer, const MovedSettings& moved) -> TrainingOptions& {
    cases.push_back({optimizer, moved, quick(60)});
    cases.back().own.optimizer.name = optimizer;
    return cases.back().own;
  };
  add("momentum", {.momentum = 0.7}).optimizer.momentum = 0.7;
  add("sgd", {.weight_decay = 0.01}).optimizer.weight_decay = 0.01;
  add("sgd", {.ema = 0.8}).ema = 0.8;
  OptimizerOptions& adamw =
      add("adamw", {.beta1 = 0.5, .beta2 = 0.9, .eps = 1e-3, .weight_decay = 0.2}).optimizer;
  adamw.beta1 = 0.5;
  adamw.beta2 = 0.9;
  adamw.eps = 1e-3;
  adamw.weight_decay = 0.2;
  for (const Case& each : cases) {
    TrainingOptions base = quick(60);
    base.optimizer.name = each.optimizer;
    const TrialSpec plain{32, 0.01, 5};
    TrialSpec moved = plain;
    moved.moved = each.moved;
    const TrainingWorkload workload(base);
    const TrialResult by_trial = run_trial(workload, moved);
    const TrialResult by_setting = run_trial(TrainingWorkload(each.own), plain);
    EXPECT_EQ(by_trial.objective.value(), by_setting.objective.value()) << each.optimizer;
    EXPECT_EQ(losses(by_trial), losses(by_setting)) << each.optimizer;
    EXPECT_NE(losses(by_trial), losses(run_trial(workload, plain))) << each.optimizer;
  }
}

TEST(TrainingWorkload, RefusesToMoveWhatTheOptimizerLacksOrTheScheduleMoves) {
  TrainingOptions options = quick(10);
  EXPECT_THROW(run_trial(TrainingWorkload(options), {32, 0.1, 1, {.beta1 = 0.5}}), InputError);
  EXPECT_THROW(options.with({.ema = 1.0}), InputError);
  options.optimizer.name = "adam";
  EXPECT_NO_THROW(options.with({.beta1 = 0.5}));
  options.schedule.name = "one-cycle";
  EXPECT_NO_THROW(options.with({.beta2 = 0.5}));
  EXPECT_THROW(options.with({.beta1 = 0.5}), InputError);
}

TEST(TrainingWorkload, FollowsItsScheduleAndHasItAmongItsSettings) {
  TrainingOptions options;
  options.model = "mlp:16";
  options.budget_steps = 60;
  const double constant = run_trial(TrainingWorkload(options), {32, 0.1, 1}).objective.value();
  options.schedule.name = "linear";
  const TrainingWorkload workload(options);
  EXPECT_NE(run_trial(workload, {32, 0.1, 1}).objective.value(), constant);
  const auto settings = workload.info().settings;
  EXPECT_NE(std::find(settings.begin(), settings.end(),
                      std::pair<std::string, std::string>("schedule", "linear")),
            settings.end());
}

TEST(TrainingOptions, GiveTheRecipeThatRulesMove) {
  TrainingOptions options;
  options.optimizer.name = "adamw";
  options.optimizer.beta2 = 0.95;
  options.optimizer.weight_decay = 0.1;
  options.ema = 0.99;
  const Recipe recipe = options.recipe();
  EXPECT_EQ(recipe.optimizer, OptimizerFamily::adamw);
  EXPECT_EQ(recipe.beta1, 0.9);
  EXPECT_EQ(recipe.beta2, 0.95);
  EXPECT_EQ(recipe.eps, 1e-8);
  EXPECT_EQ(recipe.weight_decay, 0.1);
  EXPECT_EQ(recipe.ema, 0.99);
  EXPECT_FALSE(recipe.momentum);
}

// PyTorch's λ of adamw unless another is given, 0 included; so that a study of another λ is told
// apart, and a rule starts from the one that is trained with.
TEST(TrainingWorkload, NamesTheWeightDecayThatItTrainsWith) {
  const auto decay_of = [](const TrainingOptions& options) {
    for (const auto& [name, value] : TrainingWorkload(options).info().settings) {
      if (name == "weight_decay") return value;
    }
    return std::string();
  };
  TrainingOptions options = quick(10);
  EXPECT_EQ(decay_of(options), "0");
  EXPECT_FALSE(options.recipe().weight_decay);
  options.optimizer.name = "adamw";
  EXPECT_EQ(decay_of(options), "0.01");
  EXPECT_EQ(options.recipe().weight_decay, 0.01);
  options.optimizer.weight_decay = 0.0;
  EXPECT_EQ(decay_of(options), "0");
  EXPECT_EQ(options.recipe().weight_decay, 0.0);
}

TEST(TrainingWorkload, NamesClippingAndAverageAmongItsSettingsOnlyWhereTheyAreSet) {
  TrainingOptions options = quick(10);
  const auto plain = TrainingWorkload(options).info().settings;
  options.clipping.norm = 0.5;
  options.ema = 0.9;
  auto both = TrainingWorkload(options).info().settings;
  ASSERT_EQ(both.size(), plain.size() + 2);
  EXPECT_EQ(both[plain.size()], std::pair(std::string("clip_norm"), std::string("0.5")));
  EXPECT_EQ(both.back(), std::pair(std::string("ema"), std::string("0.9")));
  both.resize(plain.size());
  EXPECT_EQ(both, plain);
}

TEST(TrainingWorkload, ClipsAndEvaluatesTheAverage) {
  TrainingOptions options = quick(60);
  const auto run = [&] { return run_trial(TrainingWorkload(options), {32, 0.1, 5}); };
  const TrialResult plain = run();
  options.ema = 0.95;
  const TrialResult averaged = run();
  // The average does not steer the training: its losses are the same, what is evaluated is not.
  EXPECT_EQ(averaged.curve.back().train_loss, plain.curve.back().train_loss);
  EXPECT_NE(averaged.objective, plain.objective);
  options.ema.reset();
  options.clipping.norm = 1e-3;
  EXPECT_GT(run().objective.value(), plain.objective.value());
}

TEST(TrainingWorkload, RefusesBadOptions) {
  TrainingOptions options = quick(10);
  options.budget_steps = -1;
  EXPECT_THROW(TrainingWorkload{options}, InputError);
  options = quick(0);
  options.budget_epochs = std::nan("");
  EXPECT_THROW(TrainingWorkload{options}, InputError);
  options = quick(10);
  options.optimizer.name = "sdg";
  EXPECT_THROW(TrainingWorkload{options}, InputError);
  options = quick(10);
  options.optimizer.momentum = 1.0;
  EXPECT_THROW(TrainingWorkload{options}, InputError);
  options = quick(10);
  options.dataset = "fashion";
  EXPECT_THROW(TrainingWorkload{options}, InputError);
}

}  // namespace
}  // namespace etalon

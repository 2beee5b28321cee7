// The lines of Python that etalon scale prints, run by PyTorch, against the schedule that etalon
// train follows: every schedule × warm-up × early end × lengths that are no whole numbers of steps,
// at every step and past the end. Skipped with a message where Debian's python3-torch is not
// installed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "report/scale/scale_answer.hpp"
#include "support/run_command.hpp"
#include "support/schedule_samples.hpp"
#include "support/temporary_directory.hpp"
#include "support/torch.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using testing::SampledTraining;
using testing::ScheduleSample;

constexpr int kStepsPastTheEnd = 25;
constexpr double kLr = 0.3;

// 200 steps, and 198.06 of 96 examples with lengths in epochs: all uneven.
const SampledTraining kEven{};
const SampledTraining kUneven{198.06, 96, 10007, DurationUnit::epochs};

Recipe recipe_of(OptimizerFamily optimizer, const SampledTraining& training,
                 const ScheduleOptions& schedule) {
  Recipe recipe;
  recipe.optimizer = optimizer;
  recipe.lr = kLr;
  recipe.batch.micro_batch = training.batch_size;
  recipe.schedule = schedule;
  recipe.budget = training.unit == DurationUnit::steps ? Duration{200, DurationUnit::steps}
                                                       : training.share(1.0);
  fill_defaults(recipe);
  return recipe;
}

// The lines at κ = 1, where nothing moves.
std::string lines_of(const Recipe& recipe, std::optional<std::int64_t> dataset_size) {
  ScaleAnswer answer;
  answer.base = recipe;
  answer.options.dataset_size = dataset_size;
  const std::vector<std::string> rules = {"fixed"};
  answer.targets = {compare_rules(recipe, recipe.batch, answer.options, rules)};
  return recipe_pytorch(answer);
}

// Steps of the training as etalon train counts them: of whole examples and whole batches.
std::int64_t steps_of(const Recipe& recipe, const SampledTraining& training) {
  const double batch = static_cast<double>(training.batch_size);
  const double examples =
      std::round(*in_unit(*recipe.budget, DurationUnit::examples, batch, training.dataset_size));
  return static_cast<std::int64_t>(std::floor(examples / batch));
}

struct PasteCase {
  std::string name;
  Recipe recipe;
  SampledTraining training;
};

std::vector<PasteCase> all_cases() {
  std::vector<PasteCase> cases;
  constexpr OptimizerFamily kOptimizers[] = {OptimizerFamily::sgd, OptimizerFamily::momentum,
                                             OptimizerFamily::adamw, OptimizerFamily::rmsprop};
  for (const SampledTraining& training : {kEven, kUneven}) {
    for (const ScheduleSample& sample : testing::schedule_samples(training)) {
      if (sample.options.is_plateau()) continue;  // it has no η(t): see below
      const bool moves_momentum = sample.options.name == "one-cycle";
      for (const OptimizerFamily optimizer : kOptimizers) {
        if (!moves_momentum && optimizer != OptimizerFamily::sgd) continue;
        cases.push_back(
            {fmt::format("{}, {}, {}", sample.name, to_string(optimizer), to_string(training.unit)),
             recipe_of(optimizer, training, sample.options), training});
      }
    }
  }
  return cases;
}

class PastedPyTorch : public ::testing::Test {
 protected:
  // What PyTorch trains with, by case and step; skips the test where there is no PyTorch.
  nlohmann::json run(const nlohmann::json& cases) {
    std::ofstream(directory_.path() / "cases.json") << cases;
    const auto script = std::filesystem::path(__FILE__).parent_path() / "run_pytorch.py";
    const auto result =
        testing::run_command(fmt::format("/usr/bin/python3 '{}' '{}'", script.string(),
                                         (directory_.path() / "cases.json").string()));
    has_torch_ = testing::has_torch();
    if (!has_torch_) return nlohmann::json::array();
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return nlohmann::json::parse(result.output);
  }

  testing::TemporaryDirectory directory_;
  bool has_torch_ = false;
};

void expect_trace(const PasteCase& paste, const nlohmann::json& trace, const std::string& lines) {
  const std::int64_t steps = steps_of(paste.recipe, paste.training);
  const Schedule schedule = fit_schedule(paste.recipe.schedule, kLr, steps,
                                         paste.training.batch_size, paste.training.dataset_size);
  const bool has_momentum = paste.recipe.beta1 || paste.recipe.momentum.value_or(0.0) > 0.0;
  ASSERT_EQ(trace.size(), static_cast<std::size_t>(steps + kStepsPastTheEnd));
  for (std::size_t step = 0; step < trace.size(); ++step) {
    const double time = static_cast<double>(step);
    ASSERT_NEAR(trace[step][0][0].get<double>(), schedule.lr_at(time), 1e-12)
        << paste.name << ", step " << step << "\n"
        << lines;
    const auto momentum = schedule.momentum_at(time);
    if (!momentum || !has_momentum) continue;
    ASSERT_NEAR(trace[step][1].get<double>(), *momentum, 1e-12)
        << paste.name << ", step " << step << "\n"
        << lines;
  }
}

TEST_F(PastedPyTorch, TrainsAsEtalonTrainDoesToTheEndAndPastIt) {
  const std::vector<PasteCase> cases = all_cases();
  nlohmann::json to_run = nlohmann::json::array();
  for (const PasteCase& paste : cases) {
    to_run.push_back({{"lines", lines_of(paste.recipe, paste.training.dataset_size)},
                      {"steps", steps_of(paste.recipe, paste.training) + kStepsPastTheEnd}});
  }
  const nlohmann::json traces = run(to_run);
  if (!has_torch_) GTEST_SKIP() << "needs Debian's package python3-torch";
  ASSERT_EQ(traces.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    expect_trace(cases[i], traces[i], to_run[i]["lines"].get<std::string>());
  }
}

TEST_F(PastedPyTorch, MovesEveryGroupOfParameters) {
  Recipe recipe = recipe_of(OptimizerFamily::adamw, kEven, {.name = "cosine", .floor = 0.1});
  recipe.group_lrs = {0.003};
  const nlohmann::json traces =
      run({{{"lines", lines_of(recipe, kEven.dataset_size)}, {"steps", 200}}});
  if (!has_torch_) GTEST_SKIP() << "needs Debian's package python3-torch";
  const Schedule schedule = fit_schedule(recipe.schedule, 1.0, 200, 100, 10000);
  for (const std::size_t step : {0u, 50u, 199u}) {
    const double factor = schedule.lr_at(static_cast<double>(step));
    EXPECT_NEAR(traces[0][step][0][0].get<double>(), kLr * factor, 1e-12);
    EXPECT_NEAR(traces[0][step][0][1].get<double>(), 0.003 * factor, 1e-12);
  }
}

// Warm-up over 22 steps, an evaluation after each step, whose losses stall after the 60th, or from
// the first one on: none of the warm-up counts.
TEST_F(PastedPyTorch, ReducesOnTheSamePlateaus) {
  ScheduleOptions options;
  for (const ScheduleSample& sample : testing::schedule_samples(kEven)) {
    if (sample.name == "plateau after warm-up 'linear'") options = sample.options;
  }
  ASSERT_TRUE(options.is_plateau());
  const Recipe recipe = recipe_of(OptimizerFamily::sgd, kEven, options);
  std::vector<double> late;
  for (int i = 0; i < 200; ++i) late.push_back(i < 60 ? 100.0 * std::pow(0.5, i) : 1.0);
  for (const std::vector<double>& losses : {late, std::vector<double>(200, 1.0)}) {
    const nlohmann::json traces = run({{{"lines", lines_of(recipe, kEven.dataset_size)},
                                        {"steps", 200},
                                        {"warmup", 22},
                                        {"losses", losses}}});
    if (!has_torch_) GTEST_SKIP() << "needs Debian's package python3-torch";
    Schedule schedule = fit_schedule(options, kLr, 200, 100, 10000);
    ReduceOnPlateau plateau(plateau_options(options, kLr));
    for (std::size_t step = 0; step < 200; ++step) {
      ASSERT_NEAR(traces[0][step][0][0].get<double>(), schedule.lr_at(static_cast<double>(step)),
                  1e-12)
          << step;
      if (step + 1 >= 22) schedule.peak_lr = plateau.observe(losses[step]);
    }
    EXPECT_NEAR(schedule.peak_lr, 0.25 * kLr, 1e-12);  // down to its floor
  }
}

TEST(PastedText, SaysWhatItNeedsWhereLengthsAreInEpochsOfUnknownData) {
  Recipe recipe = recipe_of(OptimizerFamily::sgd, kUneven, {.name = "cosine"});
  EXPECT_THAT(lines_of(recipe, std::nullopt),
              HasSubstr("# no lines for schedule cosine: it is counted in epochs, so give"));
  recipe.schedule = {.warmup = Duration{2, DurationUnit::epochs}};
  recipe.budget.reset();
  EXPECT_THAT(lines_of(recipe, std::nullopt),
              HasSubstr("# no lines for the warm-up: it is counted in epochs, so give"));
  recipe.schedule = {.name = "linear"};
  EXPECT_THAT(lines_of(recipe, std::nullopt), HasSubstr("give --epochs, --steps or --examples"));
}

TEST(PastedText, HasNoSchedulerForAWarmUpThatLeavesNothing) {
  Recipe recipe = recipe_of(OptimizerFamily::sgd, kEven, {.name = "cosine"});
  recipe.schedule.warmup = Duration{250, DurationUnit::steps};
  const std::string lines = lines_of(recipe, std::nullopt);
  EXPECT_THAT(lines, HasSubstr("the warm-up takes 250 steps of 200"));
  EXPECT_THAT(lines, ::testing::Not(HasSubstr("scheduler =")));
}

TEST(PastedText, NamesItsRuleItsBatchAndItsCautions) {
  Recipe recipe = recipe_of(OptimizerFamily::adamw, kEven, {});
  ScaleAnswer answer;
  answer.base = recipe;
  answer.targets = {compare_rules(recipe, {100, 1, 8})};
  const std::string lines = recipe_pytorch(answer);
  EXPECT_THAT(lines, HasSubstr("# etalon scale: rule sde-power, κ = 8, batch size 800 = 100"));
  EXPECT_THAT(lines, HasSubstr("# warning: κ = 8 is past half of 1/(1 − beta1) = 10"));
}

// A prepared scheduler of accelerate steps once per process unless it is told not to.
TEST(PastedText, SaysHowOftenTheSchedulerIsStepped) {
  const Recipe recipe = recipe_of(OptimizerFamily::sgd, kEven, {.name = "cosine"});
  EXPECT_THAT(lines_of(recipe, std::nullopt), HasSubstr("step_scheduler_with_optimizer=False"));
}

TEST(PastedText, SaysFromWhenOnAPlateauIsLookedFor) {
  Recipe recipe = recipe_of(OptimizerFamily::sgd, kEven, {.name = "plateau"});
  EXPECT_THAT(lines_of(recipe, std::nullopt), HasSubstr("after each evaluation\n"));
  recipe.schedule.warmup = Duration{20, DurationUnit::steps};
  EXPECT_THAT(lines_of(recipe, std::nullopt), HasSubstr("after each evaluation from then on\n"));
}

TEST(PastedText, FitsIntoEightyColumns) {
  for (const PasteCase& paste : all_cases()) {
    std::istringstream lines(lines_of(paste.recipe, paste.training.dataset_size));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(columns_of(line), 80u) << paste.name << ": " << line;
    }
  }
}

}  // namespace
}  // namespace etalon

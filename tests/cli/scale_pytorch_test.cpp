// The lines of Python that etalon scale prints, run by PyTorch, against the schedule that etalon
// train follows. Skipped with a message where Debian's python3-torch is not installed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"
#include "train/schedule_options.hpp"

namespace etalon {
namespace {

using testing::run_command;

// Runs the lines and prints η and momentum (β1) before each step.
constexpr const char* kRun = R"(
import sys, warnings, torch
warnings.simplefilter('ignore')
params = [torch.nn.Parameter(torch.zeros(1))]
names = {'params': params, 'torch': torch}
exec(open(sys.argv[1]).read(), names)
optimizer = names['optimizer']
scheduler = names.get('scheduler') or names.get('warmup')
for step in range(int(sys.argv[2])):
    group = optimizer.param_groups[0]
    print(repr(group['lr']), group.get('momentum', group.get('betas', [0])[0]))
    optimizer.step()
    scheduler.step()
)";

struct Case {
  const char* name;
  const char* arguments;     // of etalon scale, from B = 100 to 100 with 200 steps
  ScheduleOptions schedule;  // the same for etalon train
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

Duration steps(double amount) { return {amount, DurationUnit::steps}; }

const Case kCases[] = {
    {"warmup_alone", "--optimizer sgd --warmup-steps 20", {.warmup = steps(20)}},
    {"step_beneath_a_warmup",
     "--optimizer momentum --warmup-steps 20 --milestone-steps 10,120 --gamma 0.3",
     {.name = "step", .warmup = steps(20), .milestones = {steps(10), steps(120)}, .gamma = 0.3}},
    {"exponential",
     "--optimizer adamw --schedule exponential --floor 0.01",
     {.name = "exponential", .floor = 0.01}},
    {"linear_after_a_warmup",
     "--optimizer adam --schedule linear --warmup-steps 20 --floor 0.1",
     {.name = "linear", .warmup = steps(20), .floor = 0.1}},
    {"polynomial",
     "--optimizer sgd --schedule polynomial --decay-power 3",
     {.name = "polynomial", .power = 3}},
    {"polynomial_to_a_floor",
     "--optimizer sgd --schedule polynomial --floor 0.2 --warmup-steps 10 --warmup-start 0.5",
     {.name = "polynomial", .warmup = steps(10), .warmup_start = 0.5, .floor = 0.2}},
    {"cosine_after_a_warmup",
     "--optimizer adamw --schedule cosine --warmup-steps 40 --floor 0.1",
     {.name = "cosine", .warmup = steps(40), .floor = 0.1}},
    {"cosine_that_ends_early",
     "--optimizer adamw --schedule cosine --decay-end-steps 200",
     {.name = "cosine", .decay_end = steps(200)}},
    {"warm_restarts",
     "--optimizer rmsprop --schedule warm-restarts --cycles 5",
     {.name = "warm-restarts", .cycles = 5}},
    {"warm_up_stable_decay",
     "--optimizer adamw --schedule wsd --warmup-steps 20 --decay-share 0.5 --floor 0.05",
     {.name = "wsd", .warmup = steps(20), .floor = 0.05, .decay_share = 0.5}},
    {"one_cycle", "--optimizer momentum --schedule one-cycle", {.name = "one-cycle"}},
    {"one_cycle_of_beta1", "--optimizer adamw --schedule one-cycle", {.name = "one-cycle"}},
    {"cyclical",
     "--optimizer sgd --schedule cyclical --floor 0.25",
     {.name = "cyclical", .floor = 0.25}},
    {"cyclical_that_halves",
     "--optimizer sgd --schedule cyclical --floor 0.25 --cycle-mode halving",
     {.name = "cyclical", .floor = 0.25, .cycle_mode = CycleMode::halving}},
    {"cyclical_that_fades",
     "--optimizer sgd --schedule cyclical --cycle-mode exponential --gamma 0.5 --cycles 2",
     {.name = "cyclical", .gamma = 0.5, .cycles = 2, .cycle_mode = CycleMode::exponential}},
    {"cyclical_beneath_a_warmup",
     "--optimizer sgd --schedule cyclical --floor 0.1 --warmup-steps 30 --warmup-start 0.2",
     {.name = "cyclical", .warmup = steps(30), .warmup_start = 0.2, .floor = 0.1}},
    {"halving_cycles_beneath_a_constant_warmup",
     "--optimizer sgd --schedule cyclical --warmup-steps 30 --warmup-start 0.2 --warmup-kind "
     "constant --cycle-mode halving",
     {.name = "cyclical",
      .warmup = steps(30),
      .warmup_start = 0.2,
      .warmup_kind = WarmupKind::constant,
      .cycle_mode = CycleMode::halving}},
    {"step_every_so_often_beneath_a_warmup",
     "--optimizer momentum --warmup-steps 20 --step-every-steps 35 --gamma 0.5",
     {.name = "step", .warmup = steps(20), .step_every = steps(35), .gamma = 0.5}},
    {"cosine_after_a_constant_warmup",
     "--optimizer adamw --schedule cosine --warmup-steps 40 --warmup-kind constant "
     "--warmup-start 0.1",
     {.name = "cosine",
      .warmup = steps(40),
      .warmup_start = 0.1,
      .warmup_kind = WarmupKind::constant}},
    {"constant_warmup_alone",
     "--optimizer sgd --warmup-steps 20 --warmup-kind constant --warmup-start 0.1",
     {.warmup = steps(20), .warmup_start = 0.1, .warmup_kind = WarmupKind::constant}},
    {"warm_restarts_that_grow",
     "--optimizer rmsprop --schedule warm-restarts --cycles 2 --cycle-growth 4",
     {.name = "warm-restarts", .cycles = 2, .cycle_growth = 4}},
    {"stable_decay_along_a_root",
     "--optimizer adamw --schedule wsd --decay-form one-minus-sqrt --floor 0.05",
     {.name = "wsd", .floor = 0.05, .decay_form = DecayForm::one_minus_sqrt}},
    {"stable_decay_along_a_cosine",
     "--optimizer adamw --schedule wsd --decay-form cosine --decay-share 0.5",
     {.name = "wsd", .decay_share = 0.5, .decay_form = DecayForm::cosine}},
    {"one_cycle_after_a_warmup",
     "--optimizer momentum --schedule one-cycle --warmup-steps 20 --warmup-start 0.1",
     {.name = "one-cycle", .warmup = steps(20), .warmup_start = 0.1}}};

class PyTorchLines : public ::testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() {
    have_torch_ = run_command("/usr/bin/python3 -c 'import torch' 2>/dev/null").exit_code == 0;
  }
  void SetUp() override {
    if (!have_torch_) GTEST_SKIP() << "python3-torch is not installed";
  }

  // η and momentum at each of the 200 steps, by PyTorch.
  std::istringstream run_lines(const std::string& lines) const {
    std::ofstream(directory_.path() / "lines.py") << lines;
    std::ofstream(directory_.path() / "run.py") << kRun;
    const auto result = run_command(fmt::format(
        "cd {} && /usr/bin/python3 run.py lines.py 200 2>&1", directory_.path().string()));
    EXPECT_EQ(result.exit_code, 0) << result.output << lines;
    return std::istringstream(result.output);
  }

  testing::TemporaryDirectory directory_;
  static inline bool have_torch_ = false;
};

TEST_P(PyTorchLines, GiveTheRatesOfEtalonTrain) {
  const auto scaled = run_command(
      fmt::format("'{}' scale --batch-size 100 --to 100 --lr 0.3 --steps 200 {} --format pytorch",
                  ETALON_BINARY, GetParam().arguments));
  ASSERT_EQ(scaled.exit_code, 0) << scaled.output;
  const Schedule schedule = fit_schedule(GetParam().schedule, 0.3, 200, 100, 10000);
  std::istringstream printed = run_lines(scaled.output);
  for (int step = 0; step < 200; ++step) {
    double lr = 0;
    double momentum = 0;
    ASSERT_TRUE(printed >> lr >> momentum) << step;
    ASSERT_NEAR(lr, schedule.lr_at(step), 2e-7) << "step " << step << "\n" << scaled.output;
    if (const auto expected = schedule.momentum_at(step)) {
      ASSERT_NEAR(momentum, *expected, 1e-6) << "step " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Schedules, PyTorchLines, ::testing::ValuesIn(kCases),
                         [](const auto& c) { return std::string(c.param.name); });

TEST(PyTorchText, SaysWhatItNeedsWhereLengthsAreInEpochsOfUnknownData) {
  const auto result = run_command(fmt::format(
      "'{}' scale --batch-size 100 --to 200 --lr 0.3 --epochs 5 --schedule cosine --format pytorch",
      ETALON_BINARY));
  EXPECT_NE(result.output.find("# schedule cosine: give --dataset-size"), std::string::npos);
}

TEST(PyTorchText, HasReduceOnPlateauWithItsSettings) {
  const auto result = run_command(
      fmt::format("'{}' scale --batch-size 100 --to 200 --lr 0.3 --steps 50 --schedule plateau "
                  "--plateau-factor 0.5 --plateau-patience 3 --floor 0.01 --format pytorch",
                  ETALON_BINARY));
  EXPECT_NE(result.output.find("torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, "
                               "patience=3, threshold=0.0001, cooldown=0, min_lr=0.006, eps=0)"),
            std::string::npos)
      << result.output;
}

}  // namespace
}  // namespace etalon

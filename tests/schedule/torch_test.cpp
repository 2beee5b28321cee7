// Every schedule that PyTorch has too, step by step against PyTorch's. Skipped with a message where
// Debian's python3-torch is not installed.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "etalon/schedule.hpp"
#include "support/run_command.hpp"

namespace etalon {
namespace {

constexpr int kNoTorch = 77;

class SchedulesAgainstTorch : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto script = std::filesystem::path(__FILE__).parent_path() / "torch_witness.py";
    const auto result = testing::run_command("/usr/bin/python3 '" + script.string() + "'");
    have_torch_ = result.exit_code == 0;
    if (have_torch_) witness_ = nlohmann::json::parse(result.output);
    // Anything but a missing interpreter (127) or a missing torch is a fault of the script.
    ASSERT_TRUE(have_torch_ || result.exit_code == kNoTorch || result.exit_code == 127)
        << result.exit_code;
  }

  void SetUp() override {
    if (!have_torch_) GTEST_SKIP() << "needs Debian's package python3-torch";
  }

  static inline bool have_torch_ = false;
  static inline nlohmann::json witness_;
};

// PyTorch steps its schedulers by recursion in double; a hundred roundings stay under 1e-12.
TEST_F(SchedulesAgainstTorch, GiveTheSameLearningRatesAndMomenta) {
  EXPECT_EQ(witness_["schedules"].size(), 20u);
  for (const auto& scheduler : witness_["schedules"]) {
    const std::string name = scheduler["name"];
    const Schedule schedule = schedule_from_json(scheduler["schedule"].dump());
    Progress progress;
    for (std::size_t step = 0; step < scheduler["lr"].size(); ++step) {
      ASSERT_NEAR(schedule.lr(progress), scheduler["lr"][step].get<double>(), 1e-12)
          << name << " at step " << step;
      if (!scheduler["momentum"].empty()) {
        ASSERT_NEAR(schedule.momentum(progress).value(), scheduler["momentum"][step].get<double>(),
                    1e-12)
            << name << " at step " << step;
      }
      progress.advance(32, 1000);
    }
  }
}

TEST_F(SchedulesAgainstTorch, ReduceOnTheSamePlateaus) {
  PlateauOptions options;
  options.lr = 0.4;
  options.factor = 0.5;
  options.patience = 4;
  options.cooldown = 3;
  options.min_lr = 0.01;
  ReduceOnPlateau plateau(options);
  const auto& expected = witness_["plateau"];
  for (std::size_t i = 0; i < expected["loss"].size(); ++i) {
    ASSERT_DOUBLE_EQ(plateau.observe(expected["loss"][i]), expected["lr"][i].get<double>()) << i;
  }
  EXPECT_LT(plateau.lr(), 0.4);
}

}  // namespace
}  // namespace etalon

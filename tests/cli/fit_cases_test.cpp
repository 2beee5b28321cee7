// `etalon fit` on files as other tools and people write them: the answer is that of the formula
// behind the file, which is known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/program.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

struct Case {
  const char* file;
  std::vector<std::string> arguments;
  double batch_size;
  std::vector<double> truth;  // of each group
};

std::ostream& operator<<(std::ostream& out, const Case& each) { return out << each.file; }

class FitCase : public ::testing::TestWithParam<Case> {};

Json answer_of(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"fit", "--format", "json"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const auto result = testing::run_program(ETALON_BINARY, all);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return Json::parse(result.out);
}

// Within two fifths of an octave, and inside the interval.
TEST_P(FitCase, IsAnsweredByTheFormulaBehindIt) {
  const auto& [file, arguments, batch_size, truth] = GetParam();
  std::vector<std::string> all = {std::string(ETALON_SOURCE_DIR "/tests/runs/cases/") + file,
                                  "--to", std::to_string(std::lround(batch_size))};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const Json answer = answer_of(all);
  ASSERT_EQ(answer.at("groups").size(), truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const Json& group = answer["groups"][i];
    ASSERT_TRUE(group.at("refused").is_null()) << group["refused"];
    const Json& forecast = group.at("predictions").at(0);
    EXPECT_NEAR(std::log2(forecast.at("lr").get<double>() / truth[i]), 0.0, 0.4) << forecast;
    EXPECT_LE(forecast.at("lr_low"), truth[i]) << forecast;
    EXPECT_GE(forecast.at("lr_high"), truth[i]) << forecast;
  }
}

// All of these losses are positive, and none is known to be the least there is.
TEST_P(FitCase, ExpectsNoLossBelowZeroAndNoRegretOfZeroNearAndFar) {
  const auto& [file, arguments, batch_size, truth] = GetParam();
  std::vector<std::string> all = {std::string(ETALON_SOURCE_DIR "/tests/runs/cases/") + file,
                                  "--to", "1,8,96,4096,1000000"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  for (const Json& group : answer_of(all).at("groups")) {
    for (const char* where : {"predictions", "at_runs"}) {
      for (const Json& forecast : group.at(where)) {
        EXPECT_GT(forecast.at("expected_loss"), 0.0) << forecast;
        EXPECT_GT(forecast.at("expected_regret"), 0.0) << forecast;
        for (const Json& rule : forecast.at("rules")) EXPECT_GT(rule.at("expected_regret"), 0.0);
        EXPECT_LE(forecast.at("lr_low"), forecast.at("lr")) << forecast;
        EXPECT_GE(forecast.at("lr_high"), forecast.at("lr")) << forecast;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fit, FitCase,
                         ::testing::Values(Case{"optuna_states.csv", {}, 1024, {2.4e-3}},
                                           Case{"accuracy.csv", {}, 512, {0.184}},
                                           Case{"lr_is_last_of_schedule.csv", {}, 192, {2.4e-3}},
                                           Case{"accumulation.csv", {}, 1024, {2.4e-3}},
                                           Case{"fixed_steps.csv", {}, 512, {8e-3}},
                                           Case{"two_models.csv", {}, 256, {0.002, 0.016}},
                                           Case{"train_and_test_loss.csv", {}, 512, {1.6e-3}},
                                           Case{"one_row_per_epoch.csv", {}, 8192, {1.84}}));

// The same rows, told by a column or by a flag.
TEST(FitCases, HaveThePriorsOfTheOptimizerInTheirColumn) {
  const std::string file = ETALON_SOURCE_DIR "/tests/runs/cases/optimizer_column.csv";
  const Json by_column = answer_of({file, "--to", "1024"});
  const Json sgd = answer_of({file, "--to", "1024", "--optimizer", "SGD"});
  const Json adam = answer_of({file, "--to", "1024", "--optimizer", "adam"});
  ASSERT_EQ(by_column["groups"].size(), 2u);
  EXPECT_EQ(by_column["groups"][0], sgd["groups"][0]);
  EXPECT_EQ(by_column["groups"][1], adam["groups"][1]);
  EXPECT_NE(sgd["groups"][0], adam["groups"][0]);
  const auto said = testing::run_program(ETALON_BINARY, {"fit", file});
  EXPECT_THAT(said.err, HasSubstr("took the priors of SGD for optimizer 'sgd'"));
  EXPECT_THAT(said.err, HasSubstr("took the priors of adaptive updates for optimizer 'adam'"));
}

TEST(FitCases, SayTheDefaultPriors) {
  const auto said = testing::run_program(
      ETALON_BINARY, {"fit", ETALON_SOURCE_DIR "/tests/runs/cases/accumulation.csv"});
  EXPECT_THAT(said.err, HasSubstr("took the priors of adaptive updates such as adamw's; "
                                  "--optimizer says otherwise"));
}

}  // namespace
}  // namespace etalon

// Studies of the noisy quadratic by the program: what docs/quadratic.md shows, what is said again,
// and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/study_command.hpp"
#include "docs_samples.hpp"
#include "support/run_command.hpp"

namespace etalon {
namespace {

using testing::Arguments;
using ::testing::HasSubstr;
using testing::ProgramResult;
using testing::run_etalon;
using testing::operator+;

class QuadraticCommand : public ::testing::Test {
 protected:
  std::string out() const { return (directory_.path() / "out").string(); }

  ProgramResult study(const Arguments& more) const {
    return run_etalon(Arguments{"study", "--batch-sizes", "32,128", "--out", out(), "--quiet"} +
                      more);
  }
  void expect_refusal(const Arguments& more, const std::string& message) const {
    const ProgramResult result = study(more);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_FALSE(std::filesystem::exists(out()));
  }

  testing::TemporaryDirectory directory_;
};

// Seconds aside, the same on every kind of processor but for rounding.
constexpr testing::SampleTolerance kSeconds = {.relative = 0.02, .places = 5};

TEST_F(QuadraticCommand, PrintsWhatItsPageShows) {
  const auto samples =
      testing::blocks(testing::read(testing::kSource / "docs/quadratic.md"), "console");
  ASSERT_EQ(samples.size(), 1u);
  const std::string& shown = samples.front();
  const std::size_t end = shown.find('\n');
  const std::string command = "cd '" + directory_.path().string() + "' && '" ETALON_BINARY "' " +
                              shown.substr(std::string("$ etalon ").size(), end - 9) + " 2>&1";
  testing::expect_sample(testing::run_command(command).output, shown.substr(end + 1), kSeconds,
                         shown.substr(0, end));
}

TEST_F(QuadraticCommand, SaysWhatIsExactAndSaysItAgain) {
  const ProgramResult first = study({"--model", "quadratic:300", "--format", "json"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const auto exact = nlohmann::json::parse(first.out)["exact_optima"];
  ASSERT_EQ(exact.size(), 2u);
  EXPECT_EQ(exact[1]["batch_size"], 128);
  EXPECT_NEAR(exact[1]["lr"], 0.9648, 1e-4);
  EXPECT_NEAR(exact[1]["loss"], 0.01877, 1e-5);
  const ProgramResult again = run_etalon({"report", out(), "--format", "json"});
  EXPECT_EQ(nlohmann::json::parse(again.out)["exact_optima"], exact);
  EXPECT_THAT(run_etalon({"report", out()}).out, HasSubstr("in closed form, lies in"));
}

TEST_F(QuadraticCommand, TakesMomentumAndABudgetOfSteps) {
  const ProgramResult result = study({"--model", "quadratic:20", "--momentum", "0.9", "--steps",
                                      "100", "--rules", "linear", "--format", "json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto summary = nlohmann::json::parse(result.out);
  EXPECT_EQ(summary["study"]["settings"]["optimizer"], "momentum");
  EXPECT_EQ(summary["study"]["budget_steps"], 100);
  EXPECT_GT(summary["exact_optima"][0]["lr"], 0.0);
}

TEST_F(QuadraticCommand, RefusesWhatAQuadraticDoesNotHave) {
  const Arguments quadratic = {"--model", "quadratic:300"};
  expect_refusal(quadratic + Arguments{"--epochs", "2"}, "--epochs says nothing of a quadratic");
  expect_refusal(quadratic + Arguments{"--schedule", "cosine"}, "--schedule says nothing");
  expect_refusal(quadratic + Arguments{"--dataset", "idx:d"}, "--data says nothing");
  expect_refusal(quadratic + Arguments{"--clip-norm", "1"}, "--clip-norm says nothing");
  expect_refusal(quadratic + Arguments{"--optimizer", "adam"}, "trained by sgd or momentum");
  expect_refusal(quadratic + Arguments{"--examples", "100"}, "the budget is 100 examples");
  expect_refusal({"--model", "quadratic:300,d=1"}, "a quadratic has no 'd'");
}

TEST_F(QuadraticCommand, IsNoNetworkToTrainOnce) {
  EXPECT_THAT(run_etalon({"train", "--model", "quadratic:3"}).err, HasSubstr("etalon study alone"));
}

}  // namespace
}  // namespace etalon

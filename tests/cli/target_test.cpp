// Studies with a target by the program: what docs/target.md shows, and what else they say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/study_command.hpp"
#include "docs_samples.hpp"
#include "support/browser.hpp"
#include "support/run_command.hpp"

namespace etalon {
namespace {

using testing::Arguments;
using ::testing::HasSubstr;
using testing::run_etalon;
using testing::operator+;

// Seconds aside, the same on every kind of processor but for rounding.
constexpr testing::SampleTolerance kRounding = {.relative = 0.02, .places = 5};

TEST(StudyWithTarget, PrintsWhatItsPageShows) {
  const testing::TemporaryDirectory directory;
  const auto samples =
      testing::blocks(testing::read(testing::kSource / "docs/target.md"), "console");
  ASSERT_EQ(samples.size(), 1u);
  const std::string& shown = samples.front();
  const std::size_t end = shown.find('\n');
  const std::string command = "cd '" + directory.path().string() + "' && '" ETALON_BINARY "' " +
                              shown.substr(std::string("$ etalon ").size(), end - 9) + " 2>&1";
  testing::expect_sample(testing::run_command(command).output, shown.substr(end + 1), kRounding,
                         shown.substr(0, end));
  // On disk it says the same.
  const std::string again = "'" ETALON_BINARY "' report " + directory.path().string() + "/target";
  EXPECT_THAT(testing::run_command(again).output,
              HasSubstr(shown.substr(end + 1, shown.find('.', end + 200) - end)));
}

class SmallTargetStudy : public ::testing::Test {
 protected:
  nlohmann::json summary_of(const Arguments& more) const {
    const auto result = run_etalon(
        small_.study("o", small_.settings() + Arguments{"--quiet", "--format", "json"}) + more);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out);
  }
  testing::SmallStudy small_;
};

TEST_F(SmallTargetStudy, CountsTheStepsOfANetworkToAnAccuracy) {
  const auto summary = summary_of({"--target-accuracy", "0.7"});
  EXPECT_EQ(summary["study"]["objective"], "ln steps to accuracy 0.7");
  EXPECT_EQ(summary["study"]["tolerance"], 0.1);
  const auto& target = summary["target"];
  EXPECT_EQ(target["metric"], "accuracy");
  ASSERT_EQ(target["steps_to_target"].size(), 2u);
  EXPECT_EQ(target["steps_to_target"][0]["state"], "told");
  EXPECT_GT(target["steps_to_target"][0]["steps"], 1.0);
  EXPECT_LT(target["steps_to_target"][0]["steps"], 250.0);
  EXPECT_GT(target["steps_to_target"][0]["seconds"], 0.0);
  EXPECT_TRUE(target["critical_batch_size"].is_null());  // of two batch sizes
}

TEST_F(SmallTargetStudy, HasWhatANoiseScalePredictsBesideIt) {
  summary_of({"--target-accuracy", "0.7", "--noise-scale", "87.3"});
  const auto again = run_etalon({"report", small_.path("o").string()});
  EXPECT_THAT(again.out, HasSubstr("The noise scale predicts 87.3."));
  const testing::Visit page = testing::visit(small_.path("o") / "report.html", {});
  EXPECT_THAT(page.dom, HasSubstr("the same by the noise scale 87.3"));
  EXPECT_THAT(page.dom, HasSubstr("the rule's steps are within"));
}

TEST_F(SmallTargetStudy, SaysWhereATargetIsNotReached) {
  const auto summary = summary_of({"--target-loss", "0.000001", "--tolerance", "0.3"});
  EXPECT_EQ(summary["study"]["tolerance"], 0.3);
  for (const auto& each : summary["target"]["steps_to_target"]) {
    EXPECT_EQ(each["state"], "not reached");
    EXPECT_TRUE(each["steps"].is_null());
  }
}

TEST_F(SmallTargetStudy, RefusesWhatIsNoTarget) {
  for (const auto& [flag, value, message] :
       {std::tuple{"--target-loss", "0", "must be above 0"},
        std::tuple{"--target-accuracy", "1", "must be in (0, 1)"},
        std::tuple{"--target-loss", "0.1", "--objective"}}) {
    Arguments more = {flag, value};
    if (std::string(value) == "0.1") more = more + Arguments{"--objective", "train-loss"};
    const auto result = run_etalon(small_.study("o", small_.settings()) + more);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_FALSE(std::filesystem::exists(small_.path("o")));
  }
}

TEST_F(SmallTargetStudy, RefusesAnAccuracyWhereThereIsNone) {
  for (const auto& [model, message] :
       {std::pair{
            "linear",
            "--target-accuracy is 0.8, teacher:5,outputs=1, targets are not right or wrong: take "
            "--target-loss"},
        std::pair{"quadratic:20", "--target-accuracy says nothing of a quadratic"}}) {
    Arguments command = {"study", "--out", small_.path("o").string(), "--target-accuracy", "0.8"};
    if (std::string(model) == "linear")
      command = command + Arguments{"--data", "teacher:5,outputs=1"};
    const auto result = run_etalon(command + Arguments{"--model", model});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_FALSE(std::filesystem::exists(small_.path("o")));
  }
}

// The exact answer has no row where no budget would do, and the others stay in their places.
TEST_F(SmallTargetStudy, SaysOfAQuadraticWhatTheBudgetIsTooShortFor) {
  const Arguments quadratic = {"study",         "--model",      "quadratic:20",
                               "--batch-sizes", "1,4,16",       "--examples",
                               "1024",          "--out",        small_.path("q").string(),
                               "--quiet",       "--target-loss"};
  const auto far = run_etalon(quadratic + Arguments{"1e-9"});
  EXPECT_EQ(far.exit_code, 0) << far.err;
  EXPECT_THAT(far.out, HasSubstr("At B=1, 4, 16 not every run comes"));
  EXPECT_THAT(far.out, ::testing::Not(HasSubstr("Use η")));
  EXPECT_THAT(far.out, ::testing::Not(HasSubstr("exact η")));
  const testing::Visit page = testing::visit(small_.path("q") / "report.html", {});
  EXPECT_EQ(testing::root_data(page.dom, "ready"), "yes");
  const std::size_t start = page.dom.find("Steps to the target by batch size");
  ASSERT_NE(start, std::string::npos);
  const std::string table = page.dom.substr(start, page.dom.find("</table>", start) - start);
  EXPECT_EQ(testing::count_of(table, ">not reached</td>"), 3u);
  const auto other =
      run_etalon({"study", "--model", "quadratic:20", "--batch-sizes", "1,4,16", "--examples",
                  "1024", "--out", small_.path("q").string(), "--quiet", "--resume"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("--target-loss was \"1e-09\" and is now not set"));
}

TEST_F(SmallTargetStudy, SaysWhatATargetTakesInTimeAndMoneyNowAndInAReport) {
  const auto summary = summary_of({"--target-accuracy", "0.7", "--examples-per-second",
                                   "16=1000,64=4000", "--cost-per-hour", "3.6"});
  const auto& steps = summary["target"]["steps_to_target"];
  const auto& costs = summary["target"]["costs"];
  EXPECT_EQ(costs["rates_are_measured"], false);
  ASSERT_EQ(costs["rows"].size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const double seconds = steps[i]["steps"].get<double>() * steps[i]["batch_size"].get<double>() /
                           costs["rows"][i]["examples_per_second"].get<double>();
    EXPECT_NEAR(costs["rows"][i]["seconds"]["value"].get<double>(), seconds, 1e-9 * seconds);
    EXPECT_NEAR(costs["rows"][i]["cost"]["value"].get<double>(), seconds / 1000.0, 1e-9);
  }
  const auto again = run_etalon({"report", small_.path("o").string()});
  EXPECT_THAT(again.out, ::testing::AllOf(HasSubstr("On the hardware given the target is reached "),
                                          HasSubstr("cheapest at B="), HasSubstr(" cost\n")));
  const auto other = run_etalon(
      {"report", small_.path("o").string(), "--examples-per-second", "16=1e9", "--format", "json"});
  const auto asked = nlohmann::json::parse(other.out)["target"]["costs"];
  EXPECT_EQ(asked["fastest"]["batch_size"], 16);
  EXPECT_TRUE(asked["cheapest"].is_null());
}

TEST_F(SmallTargetStudy, RefusesHardwareThatIsNoneOrOfOtherBatchSizes) {
  for (const auto& [value, message] :
       {std::pair{"16=0", "--examples-per-second at 16 is 0"}, std::pair{"16", "32=1800,256=9000"},
        std::pair{"99=5", "--examples-per-second has batch size 99, which is not studied"}}) {
    const auto result =
        run_etalon(small_.study("o", small_.settings()) +
                   Arguments{"--target-loss", "0.5", "--examples-per-second", value});
    EXPECT_EQ(result.exit_code, 2) << value;
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_FALSE(std::filesystem::exists(small_.path("o")));
  }
  const auto result =
      run_etalon(small_.study("o", small_.settings()) + Arguments{"--cost-per-hour", "2"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--cost-per-hour is given without a target"));
}

TEST_F(SmallTargetStudy, RefusesATargetThatTheStartMeets) {
  const auto result = run_etalon(small_.study("o", small_.settings()) +
                                 Arguments{"--target-loss", "100", "--quiet"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("loss 100 is there before the first update"));
}

}  // namespace
}  // namespace etalon

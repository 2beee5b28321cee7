// The page of `etalon fit --html` as a browser shows it: the real command writes it, headless
// Chromium opens it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/random.hpp"
#include "support/browser.hpp"
#include "support/program.hpp"

namespace etalon {
namespace {

using testing::count_of;
using testing::drawing;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::root_data;
using testing::shown;
using Json = nlohmann::json;

// Marks as they are drawn.
constexpr const char* kArrow = "d=\"M-1 0L0 -1L1 0M0 -1L0 1\"";
constexpr const char* kCross = "d=\"M-1 -1L1 1M1 -1L-1 1\"";

// What the page cannot say of itself, written onto its root by a script of ours.
constexpr const char* kProbe = R"(<script>
  const root = document.documentElement;
  root.dataset.resources = performance.getEntriesByType("resource").length;
  root.dataset.overflow = root.scrollWidth - root.clientWidth;
  root.dataset.pwned = typeof pwned;
  root.dataset.rows = document.querySelectorAll("#overview tbody tr").length;
  root.dataset.first = document.querySelector("#overview").textContent;
</script>)";

class FitPage : public ::testing::Test {
 protected:
  // Half-octave sweeps of an even bowl whose optimum rises with the root of the batch size.
  std::string sweeps(const std::string& name, const std::vector<double>& batch_sizes) {
    std::ostringstream text;
    for (const double batch_size : batch_sizes) {
      for (int step = -4; step <= 6; ++step) {
        const double lr = 1e-3 * std::exp2(0.5 * step);
        const double z = std::log(lr / (1e-3 * std::sqrt(batch_size / 64)));
        const double loss = 2 + 0.05 * z * z + 0.0005 * stream_.normal();
        text << name << ',' << batch_size << ',' << lr << ',' << loss << '\n';
      }
    }
    return text.str();
  }

  // Of which nothing can be said.
  static std::string one_rate(const std::string& name, const std::vector<double>& batch_sizes) {
    std::ostringstream text;
    for (const double batch_size : batch_sizes) text << name << ',' << batch_size << ",0.001,2\n";
    return text.str();
  }

  std::string write(const std::string& rows) {
    const std::string path = (directory_.path() / "runs.csv").string();
    std::ofstream(path) << "model,batch_size,lr,loss\n" << rows;
    return path;
  }

  // The document that `etalon fit RUNS ARGUMENTS --html` shows.
  std::string open(const std::string& runs, const std::vector<std::string>& arguments,
                   const testing::Window& window = {}) {
    const std::filesystem::path page = directory_.path() / "fit.html";
    std::vector<std::string> all = {"fit", runs, "--html", page.string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto result = testing::run_program(ETALON_BINARY, all);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::string html = testing::slurp(page);
    html.insert(html.rfind("</body>"), kProbe);
    std::ofstream(page) << html;
    const testing::Visit visit = testing::visit(page, window);
    EXPECT_EQ(root_data(visit.dom, "ready"), "yes") << "the page's script did not end";
    EXPECT_THAT(visit.log, Not(HasSubstr("CONSOLE"))) << "the console is not empty";
    return visit.dom;
  }

 private:
  RandomStream stream_{5, "fit_test"};
  const testing::TemporaryDirectory directory_;
};

const std::vector<double> kFour = {64, 128, 256, 512};

TEST_F(FitPage, AnswersOneSettingInItsHeadline) {
  const std::string runs = ETALON_SOURCE_DIR "/docs/data/runs.csv";
  const auto json =
      testing::run_program(ETALON_BINARY, {"fit", runs, "--to", "4096", "--format", "json"});
  const double lr = Json::parse(json.out)["groups"][0]["predictions"][0]["lr"];
  const std::string dom = open(runs, {"--to", "4096"});
  const std::string headline = shown(dom, "conclusion");
  const std::string start = "At batch size 4,096, train with η = ";
  ASSERT_EQ(headline.substr(0, start.size()), start);
  EXPECT_NEAR(std::stod(headline.substr(start.size())), lr, 0.005 * lr);
  EXPECT_THAT(shown(dom, "lead"), HasSubstr("4× beyond the runs"));
  EXPECT_EQ(root_data(dom, "rows"), "0");
}

TEST_F(FitPage, SaysForHowManySettingsItHasAnAnswerAndListsThemFirst) {
  const std::string dom = open(
      write(sweeps("tiny", kFour) + sweeps("base", {64, 256, 1024}) + one_rate("large", {128})),
      {"--to", "2048"});
  const std::string headline = shown(dom, "conclusion");
  EXPECT_THAT(headline, ::testing::StartsWith("At batch size 2,048, the η to use ranges from 0.0"));
  EXPECT_THAT(headline, ::testing::EndsWith(" over 2 of 3 settings."));
  EXPECT_EQ(root_data(dom, "rows"), "3");
  const std::string table = root_data(dom, "first");
  EXPECT_THAT(table,
              ::testing::ContainsRegex("model tiny0\\.0.*model base0\\.0.*model largenot enough"));
  EXPECT_LT(dom.find("id=\"overview\""), dom.find("id=\"group-0\""));
}

TEST_F(FitPage, NamesTheOneSettingThatHasAnAnswer) {
  const std::string runs =
      write(sweeps("tiny", kFour) + one_rate("base", {256}) + one_rate("large", {128}));
  const std::string one = open(runs, {"--to", "2048"});
  EXPECT_THAT(shown(one, "conclusion"),
              ::testing::StartsWith("For model tiny, at batch size 2,048, train with η = 0.0"));
  EXPECT_THAT(shown(one, "lead"),
              ::testing::EndsWith("The other 2 settings have too few runs for an answer."));
  const std::string two = open(runs, {"--to", "1024,2048"});
  EXPECT_THAT(shown(two, "conclusion"),
              ::testing::MatchesRegex("For model tiny, train with η = 0\\.0[0-9]* at batch size "
                                      "1,024 and 0\\.0[0-9]* at 2,048\\."));
}

TEST_F(FitPage, GivesNoLearningRateWhereAllSettingsAreRefused) {
  const std::string dom =
      open(write(one_rate("base", {256}) + one_rate("large", {128})), {"--to", "2048"});
  EXPECT_EQ(shown(dom, "conclusion"), "Not enough runs yet in any of 2 settings.");
  EXPECT_EQ(count_of(dom, "class=\"refusal\""), 2);
  EXPECT_EQ(count_of(dom, "class=\"use\""), 0);
}

TEST_F(FitPage, RefusesOneSettingWithTheRunsThatItNeeds) {
  const std::string dom = open(write(one_rate("base", {256})), {"--to", "2048"});
  EXPECT_EQ(shown(dom, "conclusion"), "Not enough runs yet to say how η moves with B.");
  EXPECT_THAT(shown(dom, "lead"), HasSubstr(": run batch size "));
}

TEST_F(FitPage, SaysHowLittleAnAnswerFromOneBatchSizeRestsOn) {
  const std::string dom = open(write(sweeps("base", {256})), {"--to", "2048"});
  EXPECT_THAT(shown(dom, "conclusion"), HasSubstr("t batch size 2,048, train with η = 0.0"));
  EXPECT_THAT(dom, HasSubstr("Little is known, and intervals are wide: only batch size 256"));
  EXPECT_EQ(count_of(dom, "class=\"refusal\""), 0);
}

// Optima double with the batch size, which the linear law goes on with; bowls turn flat in the
// middle, which the surface takes for a change of what limits the learning rate.
TEST_F(FitPage, SaysWhereTheLawsAndTheLossSurfaceDisagree) {
  constexpr double kOctaves[] = {1.44, 2.48, 3.34, 4.39, 5.27};
  constexpr double kCurvatures[] = {0.0595, 0.0952, 0.0203, 0.0244, 0.0504};
  std::ostringstream rows;
  for (int i = 0; i < 5; ++i) {
    for (int octave = -8; octave <= 8; ++octave) {
      const double z = 0.7 * std::log(2) * (octave - kOctaves[i]);
      const double loss = 2 + kCurvatures[i] * (std::expm1(z) - z) + (octave % 2 ? -5e-4 : 5e-4);
      rows << "a," << 16 * std::exp2(i) << ',' << 0.01 * std::exp2(octave) << ',' << loss << '\n';
    }
  }
  constexpr const char* kSaid = "<b>The laws and the loss surface disagree. </b>";
  const std::string dom = open(write(rows.str()), {"--to", "4096"});
  EXPECT_EQ(count_of(dom, kSaid), 1);
  EXPECT_THAT(dom, ::testing::ContainsRegex("At batch size 4,096 the laws say [0-9.]+ to [0-9.]+, "
                                            "the loss surface [0-9.]+ to [0-9.]+; the interval "
                                            "covers both\\."));
  EXPECT_EQ(count_of(open(write(sweeps("tiny", kFour)), {"--to", "1024"}), kSaid), 0);
}

TEST_F(FitPage, ShowsAnIntervalThatNothingClosesAsOpen) {
  const std::string rows = "a,64,0.001,2\na,64,0.002,1.9\na,64,0.004,1.8\n";
  const std::string dom = open(write(rows), {"--to", "256"});
  EXPECT_THAT(shown(dom, "lead"), HasSubstr(" or above with a probability of 80%"));
  EXPECT_THAT(dom, HasSubstr(" or more"));
}

TEST_F(FitPage, SaysWhatTheRunsShowedWhereNothingIsAskedFor) {
  const std::string one = open(write(sweeps("tiny", kFour)), {});
  EXPECT_THAT(shown(one, "conclusion"),
              ::testing::MatchesRegex("Train with η from 0\\.0[0-9]* at B = 64 to 0\\.0[0-9]* "
                                      "at B = 512\\."));
  EXPECT_THAT(shown(one, "lead"), HasSubstr("--to"));
  const std::string many = open(write(sweeps("tiny", kFour) + sweeps("base", kFour)), {});
  EXPECT_EQ(shown(many, "conclusion"), "The η to use by batch size, for 2 settings.");
  EXPECT_EQ(root_data(many, "rows"), "2");
}

// Six losses near 7, at three learning rates, over bowls between 2 and 2.22.
TEST_F(FitPage, CutsErraticLossesAndSaysHowMany) {
  std::string runs = sweeps("tiny", {64, 128, 256});
  for (const char* where :
       {"64,0.012", "64,0.016", "128,0.016", "64,0.0226", "128,0.0226", "256,0.0226"}) {
    runs += std::string("tiny,") + where + ",6.91\n";
  }
  const std::string dom = open(write(runs), {"--to", "1024"});
  EXPECT_THAT(shown(dom, "group-0-losses-says"), HasSubstr("6 points lie above it"));
  EXPECT_THAT(shown(dom, "group-0-losses-says"), HasSubstr("the highest at 6.91"));
  const std::string chart = drawing(dom, "group-0-losses");
  EXPECT_EQ(count_of(chart, kArrow), 3);  // one mark a learning rate, with how many it stands for
  EXPECT_THAT(chart, HasSubstr(">3</text>"));
  EXPECT_THAT(chart, HasSubstr(">2.1</text>"));
  EXPECT_THAT(chart, Not(HasSubstr(">6</text>")));
  EXPECT_EQ(count_of(chart, kCross), 0);
}

TEST_F(FitPage, ShowsAllLossesWhereNoneIsFarAbove) {
  const std::string dom = open(write(sweeps("tiny", kFour)), {"--to", "1024"});
  EXPECT_THAT(shown(dom, "group-0-losses-says"), Not(HasSubstr("axis ends")));
  EXPECT_EQ(count_of(drawing(dom, "group-0-losses"), kArrow), 0);
}

TEST_F(FitPage, CrossesTheLearningRatesThatDiverged) {
  const std::string runs = sweeps("tiny", kFour) + "tiny,64,0.016,nan\ntiny,128,0.016,inf\n";
  const std::string dom = open(write(runs + "tiny,64,0.0226,\n"), {"--to", "1024"});
  EXPECT_THAT(shown(dom, "group-0-losses-says"), HasSubstr("3 diverged, at 3 pairs"));
  EXPECT_EQ(count_of(drawing(dom, "group-0-losses"), kCross), 2);
}

// Every batch size has its answer without being asked for, and every law its formula.
TEST_F(FitPage, HoldsWhatToUseAtTheRunsAndHowTheLawsAreWritten) {
  const std::string dom = open(write(sweeps("tiny", kFour)), {});
  EXPECT_EQ(count_of(dom, "class=\"use\""), 4);
  EXPECT_THAT(dom, HasSubstr("η* = A·√B"));
}

TEST_F(FitPage, NamesTheMetricThatIsMaximized) {
  std::string rows = sweeps("tiny", kFour);
  const std::filesystem::path file = write(rows);
  std::ofstream(file) << "model,batch_size,lr,accuracy\n" << rows;
  EXPECT_THAT(open(file, {}), HasSubstr("100 - accuracy over the learning rate"));
}

// A name that is markup, and one without a place to break, on a telephone.
TEST_F(FitPage, HoldsHostileAndLongNamesOnANarrowScreen) {
  const std::string hostile = "<script>var pwned = 1</script><img src=x>";
  testing::Window telephone;
  telephone.width = 400;
  const std::string dom = open(write(sweeps(hostile, kFour) + sweeps(std::string(200, 'w'), kFour)),
                               {"--to", "1024,4096"}, telephone);
  EXPECT_EQ(root_data(dom, "pwned"), "undefined");
  EXPECT_EQ(root_data(dom, "resources"), "0");
  EXPECT_EQ(root_data(dom, "overflow"), "0");
  EXPECT_THAT(dom, HasSubstr("model &lt;script&gt;var pwned"));
}

}  // namespace
}  // namespace etalon

// `etalon fit` as a user runs it: from a file of runs to the answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/random.hpp"
#include "core/text.hpp"
#include "support/program.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

// An asymmetric bowl whose optimum rises with the root of the batch size; diverges far above it.
std::string loss_at(double batch_size, double lr, RandomStream& stream) {
  const double z = 0.6 * std::log(lr / (1e-3 * std::sqrt(batch_size / 64)));
  if (z > 2.0) return "nan";
  return std::to_string(2 + 0.1 * (std::expm1(z) - z) + 0.0005 * stream.normal());
}

class Fit : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(directory_.path() / name) << text;
    return path(name);
  }
  std::string path(const std::string& name) const { return (directory_.path() / name).string(); }

  std::string line(double batch_size, double lr) {
    return fmt_number(batch_size) + "," + fmt_number(lr) + "," + loss_at(batch_size, lr, stream_) +
           "\n";
  }

  // Half-octave sweeps.
  std::string sweeps(const std::vector<double>& batch_sizes) {
    std::string text = "batch_size,lr,loss\n";
    for (const double batch_size : batch_sizes) {
      for (int step = -8; step <= 10; ++step)
        text += line(batch_size, 1e-3 * std::exp2(0.5 * step));
    }
    return text;
  }

  testing::ProgramResult fit(const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {"fit"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return testing::run_program(ETALON_BINARY, all);
  }

  Json fit_json(const std::vector<std::string>& arguments) {
    std::vector<std::string> all = arguments;
    all.insert(all.end(), {"--format", "json"});
    const auto result = fit(all);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return Json::parse(result.out).at("groups").at(0);
  }

  void expect_refused(const std::string& text, const std::vector<std::string>& arguments,
                      const std::vector<std::string>& said) {
    std::vector<std::string> all = {write("bad.csv", text)};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto result = fit(all);
    EXPECT_EQ(result.exit_code, 2) << text;
    EXPECT_EQ(result.out, "");
    for (const std::string& part : said) EXPECT_THAT(result.err, HasSubstr(part));
  }

 private:
  static std::string fmt_number(double value) { return number(value); }

 protected:
  static std::string number(double value) {
    std::ostringstream text;
    text.precision(10);
    text << value;
    return text.str();
  }

  // The same text whatever its lines' ends.
  static std::string unwrapped(const std::string& text) {
    std::istringstream words(text);
    std::string joined, word;
    while (words >> word) joined += (joined.empty() ? "" : " ") + word;
    return joined;
  }

  testing::TemporaryDirectory directory_;
  RandomStream stream_{5, "fit_test"};
};

TEST_F(Fit, PrintsTheAnswerAsATable) {
  const auto result = fit({write("runs.csv", sweeps({64, 128, 256, 512})), "--to", "2048"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("80% interval"));
  EXPECT_THAT(result.out, ::testing::StartsWith("76 runs at 4 batch sizes, "));
  EXPECT_THAT(result.out,
              ContainsRegex("2048 +0\\.00[0-9]+ +0\\.00[0-9]+ to [^\n]* 4x beyond 512\n"));
  EXPECT_THAT(result.out, HasSubstr("by the linear rule"));
  EXPECT_THAT(unwrapped(result.out), HasSubstr("what to use averages over the laws"));
}

// The answer, what it rests on, the laws; nothing is wider than a terminal.
TEST_F(Fit, AnswersFirstWithinTheTerminalsWidth) {
  std::string runs = "a_long_name_of_a_setting_that_a_script_wrote,batch_size,lr,loss\n";
  std::istringstream lines(sweeps({64, 128, 256, 512}));
  std::string row;
  std::getline(lines, row);
  while (std::getline(lines, row))
    runs += "and_the_long_value_that_it_has_in_every_one," + row + "\n";
  const std::string text = fit({write("runs.csv", runs), "--to", "2048", "--group-by",
                                "a_long_name_of_a_setting_that_a_script_wrote"})
                               .out;
  EXPECT_LT(text.find("use lr"), text.find("measured at"));
  EXPECT_LT(text.find("measured at"), text.find("η* = A·√B"));
  std::istringstream output(text);
  while (std::getline(output, row)) EXPECT_LE(columns_of(row), 80u) << row;
}

// Without being asked for any batch size.
TEST_F(Fit, RecommendsALearningRateAtEveryBatchSizeThatWasRun) {
  const std::string runs = write("runs.csv", sweeps({64, 128}));
  const Json group = fit_json({runs});
  ASSERT_EQ(group.at("at_runs").size(), 2u);
  EXPECT_TRUE(group.at("predictions").empty());
  EXPECT_EQ(group["at_runs"][1].at("batch_size"), 128.0);
  EXPECT_THAT(fit({runs}).out, ContainsRegex("use lr[^\n]*\n +64 +0\\.00[^\n]*\n +128 +0\\.00"));
}

TEST_F(Fit, SaysNotHowFarBeyondTheRunsOneOfThemIs) {
  const auto result = fit({write("runs.csv", sweeps({64, 128})), "--to", "128,96,512"});
  EXPECT_THAT(result.out, Not(ContainsRegex("128 [^\n]*beyond 128\n +0[^\n]*rule")));
  EXPECT_THAT(result.out, ContainsRegex(" 96 [^\n]*  between the runs\n"));
  EXPECT_THAT(result.out, ContainsRegex(" 512 [^\n]*  4x beyond 128\n"));
}

TEST_F(Fit, CountsRunsAndDivergences) {
  const std::string groups = "model,batch_size,lr,loss\na,32,0.1,2\nb,32,0.2,nan\nb,32,0.1,2\n";
  EXPECT_THAT(fit({write("runs.csv", groups)}).out,
              ::testing::StartsWith("3 runs in 2 groups, 1 diverged\n\n"
                                    "model=a: 1 run at 1 batch size, none diverged\n"));
  const std::string runs = "batch_size,lr,loss\n32,0.1,2\n32,0.2,nan\n64,0.1,2\n64,0.4,inf\n";
  EXPECT_THAT(fit({write("runs.csv", runs)}).out,
              ::testing::StartsWith("4 runs at 2 batch sizes, 2 diverged\n"));
}

TEST_F(Fit, WritesTheFormulaOfEachLaw) {
  const Json group = fit_json({write("runs.csv", sweeps({64, 128, 256, 512}))});
  for (const Json& law : group.at("laws")) {
    EXPECT_THAT(law.at("formula").get<std::string>(), ::testing::StartsWith("η* = "));
  }
}

// Replicates in any order, without a column that pairs them.
TEST_F(Fit, AnswersTheSameWhateverTheOrderOfRows) {
  std::vector<std::string> rows;
  RandomStream noise(3, "fit_test.order");
  for (const double batch_size : {64.0, 256.0}) {
    for (int step = -4; step <= 6; ++step) {
      for (int repeat = 0; repeat < 3; ++repeat) {
        const double z = 0.5 * step - 0.5 * std::log2(batch_size / 64);
        rows.push_back(number(batch_size) + "," + number(1e-3 * std::exp2(0.5 * step)) + "," +
                       number(2 + 0.03 * z * z + 0.01 * noise.normal()) + "\n");
      }
    }
  }
  const auto answer = [&] {
    std::string text = "batch_size,lr,loss\n";
    for (const std::string& row : rows) text += row;
    return fit({write("runs.csv", text), "--to", "1024", "--format", "json"}).out;
  };
  const std::string wanted = answer();
  RandomStream random(7, "fit_test.shuffle");
  for (int shuffle = 0; shuffle < 3; ++shuffle) {
    for (std::size_t i = rows.size(); i > 1; --i) {
      std::swap(rows[i - 1], rows[random.below(static_cast<std::uint32_t>(i))]);
    }
    EXPECT_EQ(answer(), wanted);
  }
}

// What one seed adds to all losses of its own.
TEST_F(Fit, NoticesThatSeedsMatterMoreThanTheRest) {
  std::string runs = "batch_size,lr,seed,loss\n";
  RandomStream noise(3, "fit_test.seeds");
  for (const double batch_size : {64.0, 256.0}) {
    for (int step = -3; step <= 3; ++step) {
      for (int seed = 0; seed < 4; ++seed) {
        runs += number(batch_size) + "," + number(1e-3 * std::exp2(0.5 * step)) + "," +
                number(seed) + "," +
                number(2 + 0.01 * step * step + 0.1 * seed + 0.0005 * noise.normal()) + "\n";
      }
    }
  }
  const Json notes = fit_json({write("runs.csv", runs)}).at("notes");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_THAT(notes[0].get<std::string>(), HasSubstr("seed"));
}

TEST_F(Fit, NoticesADivergenceBelowAGoodRun) {
  const std::string runs = write("runs.csv", sweeps({64, 128}) + "64,0.0005,nan\n");
  const Json group = fit_json({runs});
  ASSERT_EQ(group.at("notes").size(), 1u);
  EXPECT_THAT(unwrapped(fit({runs}).out), HasSubstr(group["notes"][0].get<std::string>()));
}

TEST_F(Fit, IsQuietWhereAsked) {
  const std::string runs = write("runs.csv", sweeps({64, 128}));
  EXPECT_EQ(fit({runs, "--quiet"}).err, "");
  EXPECT_EQ(fit({runs, "--quiet"}).out, fit({runs}).out);
}

TEST_F(Fit, SaysItsGuessesOnStandardErrorOnly) {
  const auto result = fit({write("runs.csv", sweeps({64, 128}))});
  EXPECT_THAT(result.err, HasSubstr("took column 'batch_size' as the batch size"));
  EXPECT_THAT(result.err, HasSubstr("took column 'lr' as the learning rate"));
  EXPECT_THAT(result.err, HasSubstr("took column 'loss' as the loss"));
  EXPECT_THAT(result.out, ::testing::Not(HasSubstr("took column")));
}

TEST_F(Fit, WritesJsonOfTheDocumentedShape) {
  const Json group =
      fit_json({write("runs.csv", sweeps({64, 128, 256, 512})), "--to", "1024,2048"});
  ASSERT_EQ(group.at("optima").size(), 4u);
  for (const char* key : {"batch_size", "lr", "lr_low", "lr_high", "loss", "censored"}) {
    EXPECT_TRUE(group["optima"][0].contains(key)) << key;
  }
  double weights = 0.0;
  for (const Json& law : group.at("laws")) {
    weights += law.at("weight").get<double>();
    EXPECT_TRUE(law.at("coefficients").contains("A"));
  }
  EXPECT_NEAR(weights, 1.0, 1e-9);
  EXPECT_GE(group.at("surface_weight"), 0.0);
  EXPECT_LE(group.at("surface_weight"), 1.0);
  EXPECT_TRUE(group.at("refused").is_null());
  ASSERT_EQ(group.at("predictions").size(), 2u);
  const Json& far = group["predictions"][1];
  EXPECT_EQ(far.at("batch_size"), 2048.0);
  EXPECT_EQ(far.at("nearest_batch_size"), 512.0);
  EXPECT_EQ(far.at("extrapolation"), 4.0);
  EXPECT_LE(far.at("lr_low"), far.at("lr"));
  EXPECT_GE(far.at("lr_high"), far.at("lr"));
  ASSERT_EQ(far.at("rules").size(), 2u);
  for (const Json& rule : far["rules"]) {
    EXPECT_GE(rule.at("expected_regret"), far.at("expected_regret"));
    EXPECT_GT(rule.at("lr"), 0.0);
  }
}

// The truth rises with the root: 1e-3 · √(2048/64).
TEST_F(Fit, FindsTheLearningRateThatTheRunsWereMadeWith) {
  const Json group = fit_json({write("runs.csv", sweeps({64, 128, 256, 512})), "--to", "2048"});
  const Json& prediction = group.at("predictions").at(0);
  const double truth = 1e-3 * std::sqrt(32.0);
  EXPECT_LE(prediction.at("lr_low"), truth);
  EXPECT_GE(prediction.at("lr_high"), truth);
  EXPECT_NEAR(std::log2(prediction.at("lr").get<double>() / truth), 0.0, 0.5);
}

TEST_F(Fit, WritesCsvWithALinePerOptimumPredictionAndRule) {
  const auto result = fit({write("runs.csv", sweeps({64, 128})), "--to", "256", "--format", "csv"});
  EXPECT_THAT(result.out, ::testing::StartsWith("kind,batch_size,lr,"));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1 + 1 + 2 + 2 + 2);
  EXPECT_THAT(result.out, HasSubstr("\nrun,64,"));
  EXPECT_THAT(result.out, HasSubstr("\nsqrt rule,256,"));
}

TEST_F(Fit, ReadsJsonLines) {
  std::string text;
  RandomStream stream(1, "fit_test.json");
  for (const double batch_size : {64.0, 256.0}) {
    for (int step = -6; step <= 8; ++step) {
      const double lr = 1e-3 * std::exp2(0.5 * step);
      const std::string loss = loss_at(batch_size, lr, stream);
      text += "{\"batch\": " + std::to_string(batch_size) +
              ", \"learning_rate\": " + std::to_string(lr) +
              ", \"val_loss\": " + (loss == "nan" ? "NaN" : loss) + "}\n";
    }
  }
  EXPECT_EQ(fit_json({write("runs.jsonl", text)}).at("optima").size(), 2u);
}

// Doing as a refusal says must change the answer.
TEST_F(Fit, AnswersOnceTheRunsThatItAskedForAreThere) {
  std::string text = sweeps({64});
  const Json refused = fit_json({write("runs.csv", text), "--to", "1024"});
  ASSERT_TRUE(refused.at("refused").is_string());
  EXPECT_TRUE(refused.at("predictions").empty());
  const std::string advice = refused["refused"];
  const auto at = advice.find("run batch size ");
  ASSERT_NE(at, std::string::npos) << advice;
  std::istringstream words(advice.substr(at + std::string("run batch size ").size()));
  double batch_size = 0.0;
  std::string word;
  words >> batch_size >> word >> word >> word;  // "at learning rates"
  ASSERT_EQ(word, "rates") << advice;
  for (double lr = 0.0; words >> lr; words.ignore(1)) text += line(batch_size, lr);
  const Json answered = fit_json({write("runs.csv", text), "--to", "1024"});
  EXPECT_TRUE(answered.at("refused").is_null()) << answered["refused"];
  EXPECT_EQ(answered.at("predictions").size(), 1u);
}

TEST_F(Fit, RefusesOneLearningRateWithinTheAnswer) {
  const auto result = fit({write("runs.csv", "batch_size,lr,loss\n32,0.1,2\n64,0.1,2.1\n")});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("not enough data"));
  EXPECT_THAT(unwrapped(result.out), HasSubstr("0.025, 0.05, 0.2, 0.4"));
}

TEST_F(Fit, NamesTheRowAndColumnOfBadInputWithExitCodeTwo) {
  expect_refused("batch_size,lr\n32,0.1\n", {}, {"looks like the loss", "--loss-column"});
  expect_refused("batch_size,lr,loss\n32,0.1,2\n", {"--loss-column", "score"}, {"'score'"});
  expect_refused("batch_size,lr,loss\n32,0.1,2\n32,fast,2\n", {}, {"'fast'", "'lr'", "bad.csv:3"});
  expect_refused("batch_size,lr,loss\n32,-0.1,2\n", {}, {"-0.1", "'lr'", "no learning rate"});
  expect_refused("batch_size,lr,loss\n0,0.1,2\n", {}, {"'batch_size', is 0", "from 1 to 1e+15"});
  expect_refused("batch_size,lr,loss,steps\n32,0.1,2,100\n64,0.1,2,200\n", {},
                 {"1.28e+04", "3200", "line 2", "bad.csv:3", "--group-by", "--run-column"});
  expect_refused("batch_size,lr,loss\n32,0.1\n", {}, {"bad.csv:2", "2 fields"});
  expect_refused("batch_size,lr,loss\n", {}, {"no rows"});
}

// Written from hostile runs, the page must hold no markup of theirs and ask for nothing outside.
TEST_F(Fit, WritesOnePageThatEscapesWhatItShows) {
  std::string text = "model,batch_size,lr,loss\n";
  std::istringstream lines(sweeps({64, 128}));
  std::string row;
  std::getline(lines, row);
  while (std::getline(lines, row)) text += "</script><b>{{data}}," + row + "\n";
  const std::string page = path("fit.html");
  const auto result = fit({write("runs.csv", text), "--to", "512", "--html", page});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::string html = testing::read_text(page);
  EXPECT_THAT(html, ::testing::Not(HasSubstr("</script><b>")));
  EXPECT_THAT(html, HasSubstr("\\u003c/script>\\u003cb>{{data}}"));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, HasSubstr("\"band\":[{\"batch_size\":64"));
}

// Before the work.
TEST_F(Fit, SaysThatAPageCannotBeWritten) {
  const auto result = fit({write("runs.csv", sweeps({64})), "--html", path("no/such/fit.html")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("fit.html"));
  EXPECT_THAT(result.err, Not(HasSubstr("took column")));
}

// Console samples of the page are run as they stand, from the top of the sources.
TEST_F(Fit, DoesWhatItsDocumentationShows) {
  const std::string page = testing::read_text(ETALON_SOURCE_DIR "/docs/fit.md");
  const std::string open = "\n```console\n$ etalon ";
  int samples = 0;
  for (auto at = page.find(open); at != std::string::npos; at = page.find(open, at + 1)) {
    const auto command = at + open.size();
    const auto output = page.find('\n', command) + 1;
    const auto end = page.find("\n```", output) + 1;
    const std::string line = page.substr(command, output - 1 - command);
    const auto result =
        testing::run_command("cd '" ETALON_SOURCE_DIR "' && '" ETALON_BINARY "' " + line + " 2>&1");
    EXPECT_EQ(result.output, page.substr(output, end - output)) << line;
    ++samples;
  }
  EXPECT_EQ(samples, 3);
}

// A flag, its value and the constraint, before any work.
TEST_F(Fit, NamesTheFlagThatIsOutOfRange) {
  const std::string runs = "batch_size,lr,loss\n32,0.1,2\n";
  for (const char* value : {"nan", "inf", "0", "-64", "0.5", "1e16"}) {
    expect_refused(runs, {"--to", value},
                   {"--to: '" + std::string(value) + "' is not from 1 to 1e15"});
  }
  expect_refused(runs, {"--to", "64,abc"}, {"--to: 'abc' is not a number"});
  expect_refused(runs, {"--level", "80"}, {"--level: '80' is not above 0 and below 1"});
  expect_refused(runs, {"--seed", "-1"}, {"--seed: '-1' is not a whole number"});
}

TEST_F(Fit, TakesNoFileForABatchSize) {
  const std::string runs = write("runs.csv", sweeps({64, 128}));
  EXPECT_THAT(fit({"--to", "256", runs}).out, ContainsRegex(" 256 [^\n]*  2x beyond 128"));
}

TEST_F(Fit, SaysWhichFlagToChangeWhereAPageCannotBeWritten) {
  const auto result = fit({write("runs.csv", sweeps({64})), "--html", path("no/such/fit.html")});
  EXPECT_THAT(result.err, HasSubstr("another --html"));
  EXPECT_THAT(result.err, Not(HasSubstr("--out")));
}

TEST_F(Fit, ReadsPipes) {
  const std::string runs = write("runs.csv", sweeps({64, 128}));
  const std::string wanted = fit({runs}).out;
  EXPECT_THAT(wanted, HasSubstr("38 runs at 2 batch sizes"));
  for (const char* source : {"- <", "/dev/stdin <"}) {
    const std::string command =
        std::string("'" ETALON_BINARY "' fit ") + source + " '" + runs + "'";
    EXPECT_EQ(testing::run_command(command + " 2>/dev/null").output, wanted) << source;
  }
  const std::string cat = "cat '" + runs + "' | '" ETALON_BINARY "' fit ";
  EXPECT_EQ(testing::run_command(cat + "- 2>/dev/null").output, wanted);
  EXPECT_EQ(testing::run_command(cat + "/dev/stdin 2>/dev/null").output, wanted);
}

TEST_F(Fit, ReadsOtherSeparatorsAndSaysSo) {
  std::string text = sweeps({64, 128});
  const std::string wanted = fit({write("runs.csv", text)}).out;
  std::replace(text.begin(), text.end(), ',', ';');
  const auto result = fit({write("semicolons.csv", text)});
  EXPECT_EQ(result.out, wanted);
  EXPECT_THAT(result.err, HasSubstr("took semicolons as the separator"));
}

TEST_F(Fit, SaysWhichColumnItTookAsTheBudgetAndLeavesItWhereTold) {
  const std::string log = "batch_size,lr,loss,step\n32,0.1,3,100\n32,0.1,2,1000\n";
  expect_refused(log, {}, {"took column 'step' as the budget", "two budgets are mixed"});
  const auto result = fit({write("log.csv", log), "--budget-column", "none"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, Not(HasSubstr("budget")));
}

TEST_F(Fit, NamesOnlyRunsThatAreNewAndBelowWhatDiverged) {
  const auto result =
      fit({write("runs.csv",
                 "batch_size,lr,loss\n64,0.1,nan\n64,0.025,nan\n64,0.0125,2.5\n64,0.00625,2.4\n")});
  EXPECT_THAT(unwrapped(result.out),
              HasSubstr("run batch size 64 at learning rates 9.77e-05, 0.000391, "
                        "0.00156, 0.00313; run batch size 256 at"));
}

// A page in place of what it is made from.
TEST_F(Fit, RefusesToOverwriteItsRuns) {
  const std::string runs = write("runs.csv", sweeps({64, 128}));
  const std::string before = testing::read_text(runs);
  std::filesystem::create_symlink(runs, path("link.csv"));
  for (const std::string& page : {runs, path("link.csv"), path("./runs.csv")}) {
    const auto result = fit({runs, "--html", page});
    EXPECT_EQ(result.exit_code, 2) << page;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(testing::read_text(runs), before);
  }
  write("trials.csv", "batch_size,lr,seed,state,objective\n32,0.1,1,finished,2\n");
  write("study.db", "");
  for (const char* page : {"trials.csv", "study.db"}) {
    EXPECT_EQ(fit({path("."), "--html", path(page)}).exit_code, 2) << page;
  }
}

// From text of the file to the terminal and to a spreadsheet.
TEST_F(Fit, ShowsNoControlCharactersAndNoFormulas) {
  std::string text = "model,depth,batch_size,lr,loss\n";
  std::istringstream lines(sweeps({64, 128}));
  std::string row;
  std::getline(lines, row);
  while (std::getline(lines, row)) text += "=cmd()\x1b[31m\x07,-3," + row + "\n";
  const std::string runs = write("runs.csv", text);
  const std::vector<std::string> by = {"--group-by", "model,depth"};
  const auto shown = fit({runs, by[0], by[1]});
  EXPECT_THAT(shown.out + shown.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(shown.out + shown.err, Not(HasSubstr("\x07")));
  const std::string csv = fit({runs, by[0], by[1], "--format", "csv"}).out;
  EXPECT_THAT(csv, HasSubstr("\n'=cmd()"));
  EXPECT_THAT(csv, HasSubstr(",-3,optimum,"));
}

TEST_F(Fit, RefusesWhatNoRunHasQuicklyNamingItsLine) {
  expect_refused("batch_size,lr,loss\n32,0.1,2\n32,1e-320,2\n", {}, {"bad.csv:3", "'lr'"});
  expect_refused("batch_size,lr,loss\n32,0.1,2\n1e300,0.1,2\n", {}, {"bad.csv:3", "batch size"});
}

// The least and the greatest learning rates and batch sizes that there may be.
TEST_F(Fit, SurvivesRunsAtTheEndsOfWhatIsAllowed) {
  for (const char* rows : {"32,1e-30,2\n32,2e-30,1.9\n32,4e-30,2.1\n64,1e-30,nan\n",
                           "32,1e30,2\n32,5e29,1.9\n32,2e29,2.1\n64,1e30,nan\n",
                           "1,1e-30,2\n1,1,1.9\n1,1e30,2.1\n1e15,1e-30,2\n1e15,1,1.9\n"
                           "1e15,1e30,2.1\n",
                           "32,0.1,1e300\n32,0.2,-1e300\n32,0.4,1e300\n64,0.1,1e300\n"
                           "64,0.2,0\n64,0.4,1e300\n"}) {
    const auto result =
        fit({write("runs.csv", std::string("batch_size,lr,loss\n") + rows), "--to", "1,128,1e15"});
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 2) << rows << result.err;
  }
}

// In a second where nothing else is done; the bound is for a loaded machine.
TEST_F(Fit, AnswersAThousandBatchSizesAtOnce) {
  std::string sizes = "64";
  for (int size = 65; size < 1064; ++size) sizes.append(1, ',').append(std::to_string(size));
  const auto start = std::chrono::steady_clock::now();
  const Json group = fit_json({write("runs.csv", sweeps({64, 128, 256, 512})), "--to", sizes});
  EXPECT_EQ(group.at("predictions").size(), 1000u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

TEST_F(Fit, PointsToWhatWasMeantByADirectory) {
  write("runs.csv", sweeps({64}));
  const auto result = fit({path(".")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("such as " + path("runs.csv")));
}

TEST_F(Fit, IsNoFailureWhereTheReaderLeaves) {
  const std::string runs = write("runs.csv", sweeps({64, 128}));
  const std::string command = "set -o pipefail; '" ETALON_BINARY "' fit '" + runs +
                              "' --quiet --to $(seq -s, 200 600) | head -1";
  const auto result = testing::run_command("bash -c \"" + command + "\" 2>&1");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, Not(HasSubstr("error")));
}

TEST_F(Fit, RefusesAFileThatIsNotThereAndALevelThatIsNone) {
  EXPECT_EQ(fit({"/nowhere/runs.csv"}).exit_code, 2);
  const auto result = fit({write("runs.csv", sweeps({64})), "--level", "1.5"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("1.5"));
}

}  // namespace
}  // namespace etalon

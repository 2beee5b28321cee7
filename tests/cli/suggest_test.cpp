// etalon suggest and etalon observe, as programs and people call them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "cli/study_command.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using testing::Arguments;
using ::testing::HasSubstr;
using testing::ProgramResult;
using testing::run_etalon;
using ::testing::StartsWith;
using testing::operator+;

class Suggest : public ::testing::Test {
 protected:
  ProgramResult suggest(const Arguments& more) const {
    return run_etalon(Arguments{"suggest", study()} + more);
  }
  ProgramResult observe(const Arguments& more) const {
    return run_etalon(Arguments{"observe", study()} + more);
  }
  std::string study() const { return (directory_.path() / "runs").string(); }

  static void expect_refused(const ProgramResult& result, const std::string& why) {
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr(why));
    EXPECT_EQ(result.out, "");
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(Suggest, PrintsVariablesForAShell) {
  EXPECT_EQ(suggest({"--batch-size", "2048", "--lr", "0.0021", "--format", "plain"}).out,
            "trial=1 batch_size=2048 lr=0.0021 seed=1\n");
  EXPECT_EQ(observe({"--trial", "1", "--loss", "1.23"}).out,
            "trial=1 batch_size=2048 lr=0.0021 seed=1 state=finished loss=1.23\n");
}

TEST_F(Suggest, PrintsJsonForAProgram) {
  const auto json = nlohmann::json::parse(
      suggest({"--batch-size", "2048", "--optimizer", "sgd", "--format", "json"}).out);
  EXPECT_EQ(json, (nlohmann::json{{"trial", 1},
                                  {"batch_size", 2048},
                                  {"lr", 0.1},
                                  {"seed", 1},
                                  {"reason", "nothing is known yet"}}));
}

TEST_F(Suggest, ListsRunsAndAdvice) {
  for (const char* lr : {"0.0005", "0.001", "0.002"}) {
    const char* loss = std::string(lr) == "0.001" ? "2" : "2.1";
    EXPECT_EQ(observe({"--batch-size", "64", "--lr", lr, "--loss", loss}).exit_code, 0);
  }
  observe({"--batch-size", "64", "--lr", "0.008", "--loss", "nan"});
  suggest({"--batch-size", "128"});
  const auto json = nlohmann::json::parse(suggest({"--list", "--format", "json"}).out);
  ASSERT_EQ(json["trials"].size(), 5u);
  EXPECT_EQ(json["trials"][1]["loss"], 2.0);
  EXPECT_EQ(json["trials"][3]["state"], "diverged");
  EXPECT_EQ(json["trials"][4]["state"], "pending");
  EXPECT_TRUE(json["trials"][4]["observed_at"].is_null());
  EXPECT_EQ(json["advice"][0]["batch_size"], 64);
  EXPECT_NEAR(json["advice"][0]["lr"], 0.001, 0.0004);
  const std::string table = suggest({"--list"}).out;
  EXPECT_THAT(table, HasSubstr("diverged"));
  EXPECT_THAT(table, HasSubstr("expected regret"));
  EXPECT_THAT(suggest({"--list", "--format", "plain"}).out,
              HasSubstr("trial=1 batch_size=64 lr=0.0005 seed=1 state=finished loss=2.1\n"));
}

TEST_F(Suggest, IsToldOfARunThatWasStoppedEarly) {
  suggest({"--batch-size", "64", "--lr", "0.016"});
  EXPECT_EQ(observe({"--trial", "1", "--pruned"}).out,
            "trial=1 batch_size=64 lr=0.016 seed=1 state=pruned\n");
  for (const char* lr : {"0.0005", "0.001", "0.002"}) {
    observe({"--batch-size", "64", "--lr", lr, "--loss", lr[4] == '5' ? "2.2" : "2.1"});
  }
  EXPECT_THAT(suggest({"--list"}).out, HasSubstr("pruned"));
  EXPECT_EQ(run_etalon({"report", study()}).exit_code, 0);
  expect_refused(observe({"--trial", "1", "--pruned", "--failed"}), "excludes");
}

TEST_F(Suggest, SaysWhatContradictsAndWhereAPageComesFrom) {
  for (const char* lr : {"0.0005", "0.001", "0.002"}) {
    const char* loss = std::string(lr) == "0.001" ? "2" : "2.1";
    observe({"--batch-size", "64", "--lr", lr, "--loss", loss});
  }
  observe({"--batch-size", "64", "--lr", "0.0007", "--diverged"});
  const std::string table = suggest({"--list"}).out;
  EXPECT_THAT(table, HasSubstr("lr 0.0007 diverged although lr 0.001 above it"));
  const auto json = nlohmann::json::parse(suggest({"--list", "--format", "json"}).out);
  EXPECT_EQ(json["notes"].size(), 1u);
  const std::string way = "etalon fit " + study() + " --html page.html";
  std::string in_one_line = table;
  std::replace(in_one_line.begin(), in_one_line.end(), '\n', ' ');
  EXPECT_THAT(in_one_line, HasSubstr(way));
  const std::string page = (directory_.path() / "page.html").string();
  EXPECT_EQ(run_etalon({"fit", study(), "--html", page}).exit_code, 0);
  EXPECT_TRUE(fs::exists(page));
}

TEST_F(Suggest, EndsAtOnceOnWhatNoTrialCanHave) {
  suggest({"--batch-size", "64"});
  expect_refused(observe({"--batch-size", "64", "--lr", "1.79e308", "--loss", "1"}),
                 "--lr is 1.79e+308");
  expect_refused(observe({"--batch-size", "9000000000000000000", "--lr", "0.1", "--loss", "1"}),
                 "--batch-size is 9e+18");
  expect_refused(suggest({"--batch-size", "9000000000000000000"}), "--batch-size is 9e+18");
  EXPECT_EQ(suggest({"--batch-size", "64"}).exit_code, 0);
}

TEST_F(Suggest, MakesNoStudyOfAMistake) {
  expect_refused(suggest({"--list"}), "there is no study");
  expect_refused(suggest({}), "there is no study");
  expect_refused(observe({"--trial", "1", "--loss", "2"}), "there is no study");
  expect_refused(suggest({"--batch-size", "64", "--expire", "soon"}), "--expire is 'soon'");
  expect_refused(suggest({"--batch-size", "64", "--optimizer", "adagrad"}), "adagrad");
  expect_refused(observe({"--trial", "1"}),
                 "give one of --loss, --diverged, --pruned and --failed");
  expect_refused(observe({"--loss", "1"}), "give --trial");
  expect_refused(observe({"--batch-size", "8", "--loss", "1"}), "--lr");
  expect_refused(observe({"--trial", "1", "--loss", "low"}), "'low' is not a number");
  EXPECT_FALSE(fs::exists(study()));
}

TEST_F(Suggest, SaysHowAStudyIsMade) {
  const std::string how =
      study() + "/study.db, begin one with etalon suggest STUDY --batch-size 256";
  expect_refused(suggest({}), how);
  expect_refused(suggest({"--list"}), how);
}

TEST_F(Suggest, NamesTheFlagThatIsOutOfRange) {
  expect_refused(suggest({"--batch-size", "0"}), "--batch-size is 0");
  expect_refused(suggest({"--batch-size", "8", "--lr", "-1"}), "--lr is -1");
  expect_refused(suggest({"--batch-size", "8", "--seeds", "0"}), "--seeds is 0");
  expect_refused(observe({"--batch-size", "8", "--lr", "0", "--loss", "1"}), "--lr is 0");
}

TEST_F(Suggest, OffersAgainWhatFailed) {
  const std::string first = suggest({"--batch-size", "64", "--format", "plain"}).out;
  observe({"--trial", "1", "--failed"});
  EXPECT_EQ(suggest({"--batch-size", "64", "--format", "plain"}).out, first);
}

TEST_F(Suggest, SaysWhatItGivesUpAndNamesIt) {
  for (int attempt = 1; attempt <= 2; ++attempt) {
    EXPECT_THAT(suggest({"--batch-size", "64", "--format", "plain"}).out, StartsWith("trial=1 "));
    const ProgramResult told = observe({"--trial", "1", "--failed"});
    EXPECT_EQ(told.exit_code, 0);
    EXPECT_EQ(told.err, attempt == 1 ? ""
                                     : "etalon: trial 1 was tried 2 times and failed: it is not "
                                       "suggested again\n");
  }
  EXPECT_THAT(suggest({"--batch-size", "64", "--format", "plain"}).out, StartsWith("trial=2 "));
  const std::string note = "given up, for it failed or was not observed: trial 1 (tried 2 times)";
  EXPECT_THAT(suggest({"--list"}).out, HasSubstr("Note: " + note + "."));
  EXPECT_THAT(suggest({"--list", "--format", "json"}).out, HasSubstr(note));
  EXPECT_THAT(suggest({"--batch-size", "64", "--retries", "4"}).out, StartsWith("trial 1: "));
  expect_refused(suggest({"--batch-size", "64", "--retries", "101"}), "--retries is 101");
}

TEST_F(Suggest, GivesCommandsThatRunAtOnceDistinctTrials) {
  std::vector<std::unique_ptr<testing::Program>> programs;
  for (int i = 0; i < 12; ++i) {
    programs.push_back(std::make_unique<testing::Program>(
        ETALON_BINARY, Arguments{"suggest", study(), "--batch-size", "64", "--format", "plain"}));
  }
  std::set<std::string> suggestions;
  for (const auto& program : programs) {
    const ProgramResult result = program->wait();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(suggestions.insert(result.out.substr(result.out.find(' '))).second) << result.out;
  }
}

// Beside a database that stands alone may lie anything; a study's directory is its report's.
TEST(ReportOfSuggestions, LeavesTheFilesBesideALoneDatabaseAlone) {
  const testing::TemporaryDirectory directory;
  const fs::path database = directory.path() / "mine.db";
  for (const auto& [lr, loss] :
       {std::pair{"0.001", "2.3"}, std::pair{"0.002", "2.1"}, std::pair{"0.004", "2.2"}}) {
    ASSERT_EQ(
        run_etalon({"observe", database.string(), "--batch-size", "64", "--lr", lr, "--loss", loss})
            .exit_code,
        0);
  }
  std::ofstream(directory.path() / "trials.csv") << "a table of mine\n";
  const ProgramResult report = run_etalon({"report", database.string()});
  EXPECT_EQ(report.exit_code, 0) << report.err;
  EXPECT_THAT(report.out, HasSubstr("mine-report/report.html"));
  EXPECT_TRUE(fs::exists(directory.path() / "mine-report" / "trials.csv"));
  EXPECT_EQ(testing::read_text(directory.path() / "trials.csv"), "a table of mine\n");
}

TEST(SuggestOnAStudy, KnowsItsTrialsAndHarmsNoResume) {
  const testing::SmallStudy study;
  const auto settings = study.settings() + Arguments{"--quiet"};
  ASSERT_EQ(run_etalon(study.study("s", settings)).exit_code, 0);
  const auto before = testing::findings(study.path("s"));
  const std::string path = study.path("s").string();
  const ProgramResult suggested =
      run_etalon({"suggest", path, "--batch-size", "128", "--format", "json"});
  ASSERT_EQ(suggested.exit_code, 0) << suggested.err;
  EXPECT_THAT(suggested.out, HasSubstr("the least expected loss"));
  EXPECT_EQ(run_etalon({"observe", path, "--trial", "1", "--loss", "2.0"}).exit_code, 0);
  EXPECT_EQ(run_etalon(study.study("s", settings + Arguments{"--resume"})).exit_code, 0);
  EXPECT_EQ(testing::findings(study.path("s")), before);
  EXPECT_THAT(run_etalon({"suggest", path, "--list", "--format", "plain"}).out,
              HasSubstr("loss=2"));
}

}  // namespace
}  // namespace etalon

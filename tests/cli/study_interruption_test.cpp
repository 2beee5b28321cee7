// A study that is stopped, shut out or out of disk keeps what it has and goes on later.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/study_command.hpp"

namespace etalon {
namespace {

using testing::Arguments;
using ::testing::ContainsRegex;
using testing::findings;
using ::testing::HasSubstr;
using testing::Program;
using testing::ProgramResult;
using testing::run_etalon;
using testing::SmallStudy;
using ::testing::StartsWith;
using testing::stored_trials;
using testing::operator+;

// Waits until a few trials are stored.
void wait_for_trials(const std::filesystem::path& directory, std::size_t trials) {
  for (int i = 0; i < 20000 && stored_trials(directory) < trials; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

class InterruptedStudy : public ::testing::TestWithParam<int> {};

TEST_P(InterruptedStudy, SaysHowToGoOnAndCompletesToTheSameResult) {
  const SmallStudy small;
  const Arguments settings = small.slow_settings() + Arguments{"--jobs", "1"};
  const Arguments study = small.study("stopped", settings);
  Program program(ETALON_BINARY, study);
  wait_for_trials(small.path("stopped"), 2);
  program.signal(GetParam());
  const ProgramResult stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, 130);
  EXPECT_EQ(stopped.out, "");
  const std::size_t kept = stored_trials(small.path("stopped"));
  EXPECT_GE(kept, 2u);
  EXPECT_THAT(stopped.err, HasSubstr(fmt::format("etalon: stopped; {} trials are stored", kept)));
  EXPECT_THAT(stopped.err, HasSubstr("Go on with: etalon study --out "));
  EXPECT_THAT(stopped.err, ::testing::EndsWith(" --resume\n"));
  EXPECT_FALSE(std::filesystem::exists(small.path("stopped") / "summary.json"));

  const ProgramResult resumed = run_etalon(study + Arguments{"--resume"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  ASSERT_EQ(run_etalon(small.study("alone", settings)).exit_code, 0);
  EXPECT_GT(findings(small.path("alone")).trials.size(), kept + 1);
  EXPECT_EQ(findings(small.path("stopped")), findings(small.path("alone")));
}

INSTANTIATE_TEST_SUITE_P(Signals, InterruptedStudy, ::testing::Values(SIGINT, SIGTERM),
                         [](const auto& signal) {
                           return signal.param == SIGINT ? "SIGINT" : "SIGTERM";
                         });

TEST(StudyCommand, RefusesToStartOverAnExistingStudy) {
  const SmallStudy small;
  const Arguments study = small.study("twice", small.settings());
  ASSERT_EQ(run_etalon(study).exit_code, 0);
  const auto before = findings(small.path("twice"));
  const ProgramResult again = run_etalon(study);
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_EQ(again.out, "");
  EXPECT_THAT(again.err,
              ContainsRegex("^etalon: error: there is a study of [0-9]+ trials already"));
  EXPECT_THAT(again.err, HasSubstr("give --resume to go on with it, or another --out"));
  EXPECT_EQ(findings(small.path("twice")), before);
}

TEST(StudyCommand, RunsNothingAgainWhenACompleteStudyIsResumed) {
  const SmallStudy small;
  const Arguments study = small.study("complete", small.settings());
  ASSERT_EQ(run_etalon(study).exit_code, 0);
  const std::string trials = testing::read_text(small.path("complete") / "trials.csv");
  ASSERT_EQ(run_etalon(study + Arguments{"--resume"}).exit_code, 0);
  EXPECT_EQ(testing::read_text(small.path("complete") / "trials.csv"), trials)
      << "even the times are those of the first run";
}

double stored_seconds(const std::filesystem::path& directory) {
  return std::stod(read_study_file(directory / "study.db").meta.at("wall_seconds"));
}

// As if the sessions before had taken this long.
void store_seconds(const std::filesystem::path& directory, double seconds) {
  const auto path = directory / "study.db";
  SqliteStore(path, StoreMode::resume, read_study_file(path).fingerprint).set_wall_seconds(seconds);
}

TEST(StudyCommand, ReportsTheTimeOfAllItsSessionsOnceItIsResumed) {
  const SmallStudy small;
  const Arguments study = small.study("long", small.slow_settings() + Arguments{"--jobs", "1"});
  Program program(ETALON_BINARY, study);
  wait_for_trials(small.path("long"), 2);
  program.signal(SIGINT);
  ASSERT_EQ(program.wait().exit_code, 130);
  EXPECT_GT(stored_seconds(small.path("long")), 0.0);
  store_seconds(small.path("long"), 7200);

  const auto seconds_of = [](const ProgramResult& result) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out)["wall_seconds"].get<double>();
  };
  const Arguments resume = study + Arguments{"--resume", "--format"};
  const double rest = seconds_of(run_etalon(resume + Arguments{"json"}));
  EXPECT_GT(rest, 7200.0);
  EXPECT_LT(rest, 7200.0 + 600.0);
  // Finished: nothing is left to run, and the time stays.
  const double after = seconds_of(run_etalon(resume + Arguments{"json"}));
  EXPECT_GE(after, rest);
  EXPECT_THAT(run_etalon(resume + Arguments{"table"}).out, ContainsRegex(" trials in 2:0[0-9]:"));
}

TEST(StudyCommand, RefusesToResumeWhatIsNotThere) {
  const SmallStudy small;
  const ProgramResult resumed =
      run_etalon(small.study("none", small.settings() + Arguments{"--resume"}));
  EXPECT_EQ(resumed.exit_code, 2);
  EXPECT_THAT(resumed.err, HasSubstr("there is no study to resume"));
  EXPECT_THAT(resumed.err, HasSubstr("give no --resume to begin one, or another --out"));
  EXPECT_FALSE(std::filesystem::exists(small.path("none")));
}

TEST(StudyCommand, StopsAndSaysSoWhenItsFileIsRemovedUnderIt) {
  const SmallStudy small;
  Program program(ETALON_BINARY, small.study("removed", small.slow_settings()));
  wait_for_trials(small.path("removed"), 1);
  std::filesystem::remove_all(small.path("removed"));
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("the study file was removed or replaced"));
}

TEST(StudyCommand, NamesTheSettingThatResumingWouldChange) {
  const SmallStudy small;
  ASSERT_EQ(run_etalon(small.study("begun", small.settings())).exit_code, 0);
  const ProgramResult other =
      run_etalon(small.study("begun", small.settings() + Arguments{"--lr", "0.2", "--resume"}));
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_EQ(other.out, "");
  EXPECT_THAT(other.err, StartsWith("etalon: error: the study was begun with other settings"));
  EXPECT_THAT(other.err, HasSubstr("--lr was \"0.1\" and is now \"0.2\""));
}

// AdamW's own weight decay is another, so that a 0 is a setting of the study.
TEST(StudyCommand, GoesOnWithAWeightDecayOfZeroThatWasAskedFor) {
  const SmallStudy small;
  const Arguments adamw = small.settings() + Arguments{"--optimizer", "adamw", "--lr", "0.01"};
  const Arguments study = small.study("bare", adamw + Arguments{"--weight-decay", "0"});
  ASSERT_EQ(run_etalon(study).exit_code, 0);
  const auto before = findings(small.path("bare"));
  EXPECT_EQ(before.summary["study"]["settings"]["weight_decay"], "0");
  for (const auto& row : before.summary["rules"]) {
    EXPECT_FALSE(row["moved"].contains("weight_decay")) << row;
  }
  ASSERT_EQ(run_etalon(study + Arguments{"--resume"}).exit_code, 0);
  EXPECT_EQ(findings(small.path("bare")), before);
  const ProgramResult usual = run_etalon(small.study("bare", adamw + Arguments{"--resume"}));
  EXPECT_EQ(usual.exit_code, 2);
  EXPECT_THAT(usual.err, HasSubstr("--weight-decay was \"0\" and is now \"0.01\""));

  const std::string path = small.path("bare").string();
  const ProgramResult fit = run_etalon({"fit", path, "--format", "json"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_FALSE(nlohmann::json::parse(fit.out)["groups"].empty()) << fit.out;
  const ProgramResult suggested =
      run_etalon({"suggest", path, "--batch-size", "32", "--format", "plain"});
  EXPECT_EQ(suggested.exit_code, 0) << suggested.err;
  EXPECT_THAT(suggested.out, StartsWith("trial=1 batch_size=32 lr="));
}

TEST(StudyCommand, ShutsASecondProcessOutOfARunningStudy) {
  const SmallStudy small;
  const Arguments study = small.study("running", small.slow_settings());
  Program first(ETALON_BINARY, study);
  wait_for_trials(small.path("running"), 1);
  for (const Arguments& more : {Arguments{}, Arguments{"--resume"}}) {
    const ProgramResult second = run_etalon(study + more);
    EXPECT_EQ(second.exit_code, 2);
    EXPECT_THAT(second.err,
                ContainsRegex("^etalon: error: process [0-9]+ is working on this study"));
    EXPECT_THAT(second.err, HasSubstr("wait for it to end, or choose another study"));
  }
  EXPECT_EQ(first.wait().exit_code, 0);
}

TEST(StudyCommand, KeepsWhatWasStoredWhenTheDiskIsFull) {
  const SmallStudy small;
  const Arguments study = small.study("full", small.settings() + Arguments{"--jobs", "1"});
  const ProgramResult full = run_etalon(study, {.file_size = 250'000});
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_EQ(full.out, "");
  EXPECT_THAT(full.err, HasSubstr("etalon: error: the study file cannot be read or written"));
  EXPECT_THAT(full.err, HasSubstr((small.path("full") / "study.db").string()));
  EXPECT_THAT(full.err, HasSubstr("check that the disk has room"));
  const std::size_t kept = stored_trials(small.path("full"));
  EXPECT_GE(kept, 5u);

  ASSERT_EQ(run_etalon(study + Arguments{"--resume"}).exit_code, 0);
  ASSERT_EQ(run_etalon(small.study("alone", small.settings())).exit_code, 0);
  EXPECT_GT(findings(small.path("alone")).trials.size(), kept + 1);
  EXPECT_EQ(findings(small.path("full")), findings(small.path("alone")));
}

TEST(StudyCommand, KeepsTheStudyWhenTheReportDoesNotFitOnTheDisk) {
  const SmallStudy small;
  const Arguments study = small.study("report", small.settings());
  ASSERT_EQ(run_etalon(study).exit_code, 0);
  // The page carries its chart library, a megabyte; the study file is smaller.
  const ProgramResult full = run_etalon(study + Arguments{"--resume"}, {.file_size = 500'000});
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_THAT(full.err, HasSubstr("cannot write the file"));
  EXPECT_THAT(full.err, HasSubstr((small.path("report") / "report.html").string()));
  EXPECT_EQ(run_etalon(study + Arguments{"--resume"}).exit_code, 0);
}

}  // namespace
}  // namespace etalon

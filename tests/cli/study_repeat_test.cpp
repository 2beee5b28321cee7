// The same study gives the same trials, however many run side by side and whatever ends it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/study_command.hpp"

namespace etalon {
namespace {

using testing::Arguments;
using testing::Findings;
using testing::findings;
using testing::is_study;
using testing::Program;
using testing::ProgramResult;
using testing::run_etalon;
using testing::SmallStudy;
using testing::stored_trials;
using testing::TemporaryDirectory;
using testing::operator+;

TEST(StudyCommand, GivesTheSameTrialsBitForBitWhateverRunsSideBySide) {
  const TemporaryDirectory directory;
  const auto run = [&](const char* jobs) {
    const auto out = directory.path() / jobs;
    const ProgramResult result = run_etalon(
        {"study", "--model", "mlp:8", "--examples", "3000", "--batch-sizes", "16,64",
         "--base-batch-size", "64", "--seeds", "2", "--jobs", jobs, "--out", out.string()});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return findings(out);
  };
  const Findings alone = run("1");
  EXPECT_GT(alone.trials.size(), 20u);
  EXPECT_GT(alone.curves.size(), 20u * alone.trials.size());
  EXPECT_EQ(alone, run("2"));
}

// A study is its settings, not how their names were spelled: resuming refuses others.
TEST(StudyCommand, GoesOnUnderTheSameNamesInAnotherCase) {
  const SmallStudy small;
  const auto run = [&](const char* model, const char* dataset, const char* optimizer,
                       const char* rules, const Arguments& more) {
    return run_etalon(
        small.study("named",
                    {"--dataset", dataset + small.data().string(), "--model", model, "--optimizer",
                     optimizer, "--rules", rules, "--validation-size", "200", "--batch-sizes",
                     "16,64", "--base-batch-size", "64", "--examples", "2000", "--seeds", "2"}) +
        more);
  };
  const ProgramResult first = run("mlp:4", "idx:", "adamw", "fixed,linear", {});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const Findings before = findings(small.path("named"));
  const ProgramResult again = run("MLP:4", "IDX:", "AdamW", "Fixed,LINEAR", {"--resume"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(findings(small.path("named")), before);
}

TEST(StudyCommand, KilledAtTwentyRandomMomentsBetweenItsTrialsGivesTheSameTrials) {
  const SmallStudy small;
  const Arguments settings = small.settings() + Arguments{"--jobs", "2"};
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(run_etalon(small.study("alone", settings)).exit_code, 0);
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const Findings alone = findings(small.path("alone"));

  // The machine may be busier or idler than it was: the kills follow, as they are to fall between
  // the trials, whatever a trial takes.
  constexpr int kKillsInBetween = 20, kKillsAtMost = 1000;
  std::mt19937 random(7);
  int kills = 0, studies = 0, kills_in_between = 0;
  while (kills_in_between < kKillsInBetween) {
    const std::string name = fmt::format("study {}", ++studies);
    bool begun = false;  // one that was killed before it was a study is begun again
    std::size_t stored = 0;
    while (true) {
      const Arguments going_on = begun ? Arguments{"--resume"} : Arguments{};
      Program program(ETALON_BINARY, small.study(name, settings + going_on));
      // A kill falls anywhere from the start of the process to the writing of the report.
      const double moment = seconds * static_cast<double>(random() % 1000) / 1000.0;
      if (kills_in_between < kKillsInBetween && !program.ended_within(moment)) {
        program.signal(SIGKILL);
      }
      const ProgramResult result = program.wait();  // it may have ended just before the signal
      if (result.exit_code == 128 + SIGKILL) {
        ASSERT_LE(++kills, kKillsAtMost);
        const std::size_t before = std::exchange(stored, stored_trials(small.path(name)));
        begun = is_study(small.path(name));
        if (stored > 0 && stored + 1 < alone.trials.size()) ++kills_in_between;
        if (stored == before) seconds *= 1.1;
        continue;
      }
      ASSERT_EQ(result.exit_code, 0) << result.err;
      seconds *= 0.9;
      break;
    }
    EXPECT_EQ(findings(small.path(name)), alone) << name << " of seed 7";
  }
}

}  // namespace
}  // namespace etalon

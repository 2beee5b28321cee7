// The command that runs a study again.
#include "cli/reproduction.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace etalon::cli {
namespace {

std::string again(const std::vector<std::string>& flags, const std::string& out = "runs",
                  bool resumed = false) {
  std::vector<std::string> arguments = {"etalon", "study"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  return reproduction_of(arguments, out, resumed);
}

TEST(Reproduction, IsTheSameCommandInADirectoryBesideTheStudys) {
  EXPECT_EQ(again({"--model", "linear"}, "etalon-study"),
            "etalon study --model linear --out etalon-study-again");
  EXPECT_EQ(again({"settings.toml", "--seeds=2"}, "/data/mine"),
            "etalon study settings.toml --seeds=2 --out /data/mine-again");
}

TEST(Reproduction, LeavesOutWhereTheStudyIsHoweverThatWasWritten) {
  const std::string wanted = "etalon study --seeds 2 --out runs-again";
  EXPECT_EQ(again({"--out", "runs", "--seeds", "2"}), wanted);
  EXPECT_EQ(again({"--seeds", "2", "--out=runs"}), wanted);
  EXPECT_EQ(again({"--out", "runs/", "--seeds", "2"}, "runs//"), wanted);
}

// The root has no name to put anything behind.
TEST(Reproduction, KeepsASlashThatIsAllThereIs) {
  EXPECT_EQ(again({}, "/"), "etalon study --out /-again");
}

TEST(Reproduction, BeginsFromTheStart) {
  const std::string wanted = "etalon study --out runs-again";
  EXPECT_EQ(again({"--resume"}, "runs", true), wanted);
  EXPECT_EQ(again({"--resume=true"}, "runs", true), wanted);
}

TEST(Reproduction, OverrulesAFileOfSettingsThatResumes) {
  EXPECT_EQ(again({"settings.toml"}, "runs", true),
            "etalon study settings.toml --resume=false --out runs-again");
}

TEST(Reproduction, QuotesWhatAShellWouldTakeApart) {
  EXPECT_EQ(again({"--dataset", "idx:my data"}, "it's"),
            "etalon study --dataset 'idx:my data' --out 'it'\\''s-again'");
}

// What comes after "--" is another program's.
TEST(Reproduction, KeepsItsFlagsBeforeAnotherProgramsCommand) {
  EXPECT_EQ(again({"--resume", "--", "train", "--out", "x", "--lr", "{lr}"}, "runs", true),
            "etalon study --out runs-again -- train --out x --lr '{lr}'");
}

TEST(Continuation, IsTheSameCommandWithResume) {
  const std::vector<std::string> words = {"etalon", "study", "--seeds", "2"};
  EXPECT_EQ(continuation_of(words, false), "etalon study --seeds 2 --resume");
  EXPECT_EQ(continuation_of(words, true), "etalon study --seeds 2");
}

TEST(Continuation, KeepsItsFlagsBeforeAnotherProgramsCommand) {
  const std::vector<std::string> words = {"etalon", "study", "--", "my train", "--resume"};
  EXPECT_EQ(continuation_of(words, false), "etalon study --resume -- 'my train' --resume");
}

}  // namespace
}  // namespace etalon::cli

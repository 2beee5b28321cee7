// What all commands have in common: how flags and values that do not exist are answered, that
// messages name flags and no fields, how numbers are read, how the help looks.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <sstream>

#include "cli/cli11.hpp"
#include "cli/study_command.hpp"
#include "core/text.hpp"

namespace etalon {
namespace {

using testing::Arguments;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProgramResult;
using testing::run_etalon;
using testing::SmallStudy;
using ::testing::StartsWith;
using testing::operator+;

std::string shown(const Arguments& arguments) {
  return fmt::format("{}", fmt::join(arguments, " "));
}

// Refused in one line; that line.
std::string refusal_of(const Arguments& arguments) {
  SCOPED_TRACE(shown(arguments));
  const ProgramResult result = run_etalon(arguments);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, StartsWith("etalon: error: "));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
  return result.err;
}

const std::vector<Arguments> kCommands = {{"scale"},   {"study"}, {"fit"},  {"suggest"},
                                          {"observe"}, {"train"}, {"bench"}};

TEST(Flags, ThatDoNotExistAreAnsweredWithTheOneThatWasMeant) {
  const auto expect_meant = [](const Arguments& arguments, const std::string& meant) {
    EXPECT_THAT(refusal_of(arguments), HasSubstr(fmt::format("did you mean {}?", meant)));
  };
  expect_meant({"study", "--batchsizes", "16"}, "--batch-sizes");
  expect_meant({"study", "--batch_sizes=16"}, "--batch-sizes");
  expect_meant({"study", "--optimiser", "adam"}, "--optimizer");
  expect_meant({"train", "--optimiser=adam"}, "--optimizer");
  expect_meant({"train", "--learning-rate", "0.1"}, "--lr");
  expect_meant({"train", "--learning_rate", "0.1"}, "--lr");
  expect_meant({"train", "--learningrate", "0.1"}, "--lr");
  expect_meant({"scale", "--batchsize", "32"}, "--batch-size");
  expect_meant({"fit", "runs.csv", "--formt", "json"}, "--format");
  expect_meant({"suggest", "here", "--batchsize", "32"}, "--batch-size");
}

TEST(Flags, ThatResembleNoneAreRefusedByNameInEveryCommand) {
  for (const Arguments& command : kCommands) {
    const std::string refusal = refusal_of(command + Arguments{"--frobnicate"});
    EXPECT_THAT(refusal, HasSubstr("there is no flag '--frobnicate'"));
    EXPECT_THAT(refusal, HasSubstr(fmt::format("etalon {} --help lists them", command[0])));
    EXPECT_THAT(refusal, Not(HasSubstr("did you mean")));
  }
}

TEST(Flags, OfOneLetterAreRefusedAsOthers) {
  EXPECT_THAT(refusal_of({"fit", "runs.csv", "-q"}), HasSubstr("there is no flag '-q'"));
}

TEST(Flags, OfStudiesOfProgramsAskForTheProgram) {
  EXPECT_THAT(refusal_of({"study", "--metric", "val_loss"}),
              HasSubstr("--metric is of a study of your own program, which is not named, end with "
                        "its command: -- python3 train.py"));
}

TEST(Flags, OfBuiltInStudiesAreRefusedBesideACommand) {
  for (const char* flag : {"--measure-noise", "--range-first", "--measure-curvature"}) {
    EXPECT_THAT(refusal_of({"study", flag, "--batch-sizes", "8,16", "--", "true", "{lr}"}),
                HasSubstr(std::string(flag) +
                          " is of a study of what etalon trains itself, but a command is given"));
  }
}

TEST(Flags, OfOneValueAreGivenOnce) {
  EXPECT_THAT(refusal_of({"study", "--model", "linear", "--model=lenet"}),
              HasSubstr("--model is given twice, give it once"));
  EXPECT_THAT(refusal_of({"train", "--lr", "0.1", "--lr", "0.2"}),
              HasSubstr("--lr is given twice"));
}

TEST(FlagValues, ThatDoNotExistAreAnsweredWithTheOneThatWasMeant) {
  const auto expect_meant = [](const Arguments& arguments, const std::string& meant) {
    EXPECT_THAT(refusal_of(arguments), HasSubstr(fmt::format("did you mean {}?", meant)));
  };
  for (const char* command : {"study", "train"}) {
    expect_meant({command, "--optimizer", "adammw"}, "adamw");
    expect_meant({command, "--optimizer", "sgdm"}, "sgd");
    expect_meant({command, "--format", "jsn"}, "json");
  }
  expect_meant({"study", "--rules", "fixed,liner"}, "linear");
  expect_meant({"train", "--model", "mpl:128"}, "mlp");
  expect_meant({"fit", "runs.csv", "--optimizer", "adammw"}, "adamw");
  expect_meant(
      {"scale", "--batch-size", "32", "--to", "64", "--lr", "0.1", "--optimizer", "adammw"},
      "adamw");
}

TEST(FlagLists, HoldNothingEmpty) {
  for (const char* list : {",1", "1,", "1,,2", ","}) {
    EXPECT_THAT(refusal_of({"study", "--batch-sizes", list}), HasSubstr("between two commas"));
  }
  EXPECT_THAT(refusal_of({"study", "--rules=fixed,"}), HasSubstr("between two commas"));
}

TEST(FlagLists, WithoutCommasAreShownHowTheyAreWritten) {
  EXPECT_THAT(refusal_of({"study", "--batch-sizes", "32", "64", "128"}),
              HasSubstr("separate its values by commas: --batch-sizes 32,64,128"));
  EXPECT_THAT(refusal_of({"fit", "runs.csv", "--to", "64", "128"}),
              HasSubstr("separate its values by commas: --to 64,128"));
}

// A program that calls the library reads fields; who typed flags reads flags.
TEST(Refusals, NameFlagsAndNoFields) {
  const SmallStudy small;
  const Arguments data = {"--dataset", "idx:" + small.data().string()};
  const Arguments wrong[] = {{"--lr", "0"},        {"--lr", "1e31"},
                             {"--epochs", "0"},    {"--epochs", "nan"},
                             {"--steps", "0"},     {"--examples", "0"},
                             {"--momentum", "-1"}, {"--optimizer", "adamw", "--beta1", "1"}};
  for (const std::string command : {"study", "train"}) {
    for (const Arguments& flags : wrong) {
      const std::string refusal = refusal_of(Arguments{command} + data + flags);
      EXPECT_THAT(refusal, HasSubstr(flags[flags.size() - 2]));
      EXPECT_THAT(refusal, Not(::testing::ContainsRegex("lr_center|first_lr|budget_|study\\.")));
    }
  }
}

TEST(Refusals, OfAStudyWithOtherSettingsNameTheFlag) {
  const SmallStudy small;
  const Arguments study = small.study("o", small.settings() + Arguments{"--quiet"});
  ASSERT_EQ(run_etalon(study).exit_code, 0);
  const std::string refusal = refusal_of(study + Arguments{"--resume", "--lr", "0.2"});
  EXPECT_THAT(refusal, HasSubstr("--lr"));
  EXPECT_THAT(refusal, Not(HasSubstr("lr_center")));
  EXPECT_THAT(refusal, Not(HasSubstr("study.lr")));
}

TEST(FlagNumbers, AreTheNearestDoubles) {
  std::mt19937_64 random(5);
  std::string list;
  std::vector<double> expected;
  const auto add = [&](const std::string& decimal) {
    list += (list.empty() ? "" : ",") + decimal;
    expected.push_back(std::strtod(decimal.c_str(), nullptr));
  };
  for (const char* twice_rounded : {"291e-13", "491e-8", "1964e-8"}) add(twice_rounded);
  for (int i = 0; i < 20000; ++i) {
    add(fmt::format("{}e{}", random() % 100000, static_cast<int>(random() % 40) - 30));
  }
  std::vector<double> read;
  CLI::App app;
  app.add_option("--x", read)->delimiter(',');
  app.parse("--x " + list);
  EXPECT_EQ(read, expected);
}

TEST(FlagNumbers, ReachTheCommandAsTheyAreWritten) {
  const SmallStudy small;
  const Arguments train = {"train",
                           "--dataset",
                           "idx:" + small.data().string(),
                           "--model",
                           "linear",
                           "--steps",
                           "1",
                           "--validation-size",
                           "200",
                           "--format",
                           "json",
                           "--quiet",
                           "--checkpoint"};
  for (const char* lr : {"491e-8", "1964e-8"}) {
    const ProgramResult result =
        run_etalon(train + Arguments{small.path(std::string("c") + lr).string(), "--lr", lr});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const auto curve = nlohmann::json::parse(result.out)["curve"];
    EXPECT_EQ(curve.back()["lr"].get<double>(), std::strtod(lr, nullptr));
  }
}

TEST(Help, FitsATerminalAndSaysNothingOfTheParser) {
  std::vector<Arguments> commands = kCommands;
  commands.emplace_back();
  for (const Arguments& command : commands) {
    SCOPED_TRACE(shown(command));
    const ProgramResult help = run_etalon(command + Arguments{"--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_EQ(help.err, "");
    EXPECT_THAT(help.out, Not(HasSubstr("Excludes")));
    EXPECT_THAT(help.out, Not(HasSubstr("Needs")));
    std::istringstream lines(help.out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(columns_of(line), 80u) << line;
  }
}

TEST(Flags, OfBenchNameTheValueThatIsOutOfRange) {
  EXPECT_THAT(refusal_of({"bench", "--batch-sizes", "8,0"}),
              HasSubstr("--batch-sizes: '0' is not from 1 to 1048576"));
  EXPECT_THAT(refusal_of({"bench", "--batch-sizes", "x"}), HasSubstr("'x' is not a whole number"));
  EXPECT_THAT(refusal_of({"bench", "--seconds", "1e9"}),
              HasSubstr("--seconds: '1e9' is not from 0.01 to 600"));
}

TEST(Help, OfTrainBeginsWithTheMostUsedFlags) {
  const std::string help = run_etalon({"train", "--help"}).out;
  std::size_t last = 0;
  for (const char* flag :
       {"--data", "--model", "--batch-size", "--epochs", "--optimizer", "--lr", "--momentum",
        "--evaluations", "--checkpoint", "--schedule", "--plateau-factor", "--batch-schedule"}) {
    const std::size_t at = help.find(std::string("\n  ") + flag + " ");
    ASSERT_NE(at, std::string::npos) << flag;
    EXPECT_GT(at, last) << flag;
    last = at;
  }
}

// A length has a flag for each unit: what it is stands once.
TEST(Help, SaysWhatALengthIsOnce) {
  const std::string help = run_etalon({"train", "--help"}).out;
  for (const char* what :
       {"where it decays, separated", "distance between decays", "warm-up, in"}) {
    const std::size_t first = help.find(what);
    ASSERT_NE(first, std::string::npos) << what;
    EXPECT_EQ(help.find(what, first + 1), std::string::npos) << what;
  }
}

TEST(Help, BeginsWithWhatIsNeededAndEndsWithItself) {
  for (const char* command : {"scale", "fit", "suggest", "observe", "train", "bench"}) {
    const std::string help = run_etalon({command, "--help"}).out;
    EXPECT_EQ(help.rfind("\n  -"), help.find("\n  -h, --help")) << command;
    EXPECT_THAT(help, Not(HasSubstr("INT"))) << command;
    EXPECT_THAT(help, Not(HasSubstr("FLOAT"))) << command;
  }
  const std::string scale = run_etalon({"scale", "--help"}).out;
  EXPECT_EQ(scale.find("\n  --"), scale.find("\n  --to "));
  EXPECT_THAT(run_etalon({"bench", "--help"}).out, HasSubstr("[mlp:128 lenet]"));
}

TEST(Help, OfAStudyNamesNoScheduleThatItRefuses) {
  EXPECT_THAT(run_etalon({"study", "--help"}).out, Not(HasSubstr("plateau")));
  EXPECT_THAT(run_etalon({"train", "--help"}).out, HasSubstr("and plateau"));
}

}  // namespace
}  // namespace etalon

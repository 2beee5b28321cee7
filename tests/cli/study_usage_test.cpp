// Bad usage of `etalon study`: exit code 2, one sentence on standard error that names flag, value
// and remedy, nothing on standard output, no directory left behind.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/study_command.hpp"

namespace etalon {
namespace {

using testing::Arguments;
using ::testing::HasSubstr;
using testing::ProgramResult;
using testing::read_text;
using testing::run_etalon;
using testing::SmallStudy;
using ::testing::StartsWith;
using testing::write_file;
using testing::operator+;

void expect_refused(const ProgramResult& result, const std::string& message) {
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, StartsWith("etalon: error: "));
  EXPECT_THAT(result.err, HasSubstr(message));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
}

class StudyUsage : public ::testing::Test {
 protected:
  // The small study with some flags in place of its own.
  ProgramResult run_with(const Arguments& more) const {
    Arguments settings = small_.settings();
    for (const std::string& argument : more) {
      const auto flag = argument.substr(0, argument.find('='));
      const bool budget = flag == "--steps" || flag == "--epochs";
      const auto own = std::find(settings.begin(), settings.end(), budget ? "--examples" : flag);
      if (own != settings.end() && flag.starts_with("--")) settings.erase(own, own + 2);
    }
    Arguments arguments = {"study"};
    if (std::find(more.begin(), more.end(), "--out") == more.end()) {
      arguments = small_.study("o", {});
    }
    return run_etalon(arguments + settings + more);
  }

  void expect_refusal(const Arguments& more, const std::string& message) const {
    SCOPED_TRACE(fmt::format("{}", fmt::join(more, " ")));
    expect_refused(run_with(more), message);
    EXPECT_FALSE(std::filesystem::exists(small_.path("o")));
  }

  SmallStudy small_;
};

TEST_F(StudyUsage, SaysWhyATrialTakesNeitherReduceOnPlateauNorABatchRamp) {
  expect_refusal({"--schedule=plateau"}, "follows the losses of one training");
  expect_refusal({"--batch-schedule=linear"}, "each trial of a study keeps one batch size");
}

TEST_F(StudyUsage, RefusesTextThatIsNoNumberForEveryNumericFlag) {
  for (const char* flag :
       {"--batch-sizes", "--base-batch-size", "--lr", "--seeds", "--first-seed", "--tolerance",
        "--level", "--jobs", "--validation-size", "--momentum", "--beta1", "--beta2", "--eps",
        "--weight-decay", "--epochs", "--steps", "--examples"}) {
    for (const char* text : {"abc", "12abc", "0x10", "true", " 1", "1e99999", "010"}) {
      expect_refusal({fmt::format("{}={}", flag, text)}, flag);
      expect_refusal({fmt::format("{}={}", flag, text)}, fmt::format("'{}'", text));
    }
    expect_refusal({fmt::format("{}=", flag)}, flag);
  }
  for (const char* flag : {"--batch-sizes", "--base-batch-size", "--seeds", "--first-seed",
                           "--jobs", "--validation-size", "--steps", "--examples"}) {
    for (const char* text : {"1.5", "nan", "inf", "1e3", "99999999999999999999"}) {
      expect_refusal({fmt::format("{}={}", flag, text)}, flag);
    }
  }
}

TEST_F(StudyUsage, RefusesNumbersOutOfRangeForEveryNumericFlag) {
  const auto refuse = [&](const std::string& flag, const Arguments& values,
                          const Arguments& with = {}) {
    for (const std::string& value : values) {
      expect_refusal(Arguments{flag, value} + with, flag);
      expect_refusal(Arguments{flag, value} + with, value);
    }
  };
  refuse("--batch-sizes", {"0", "-1", "-9223372036854775808"});
  refuse("--base-batch-size", {"0", "-1", "32"});
  refuse("--lr", {"0", "-1", "nan", "inf", "1e-300", "1e+300"});
  refuse("--seeds", {"1", "0", "-1", "1000000000"});
  refuse("--first-seed", {"-1"});
  refuse("--tolerance", {"0", "-0.1", "nan", "inf"});
  refuse("--level", {"0", "-1", "0.5", "1", "1.5", "nan", "inf"});
  refuse("--jobs", {"-1"});
  refuse("--validation-size", {"0", "-1", "1200", "9223372036854775807"});
  refuse("--momentum", {"1", "-0.1", "nan", "inf"}, {"--optimizer", "nesterov"});
  for (const char* flag : {"--beta1", "--beta2"}) {
    refuse(flag, {"1", "-0.1", "nan", "inf"}, {"--optimizer", "adamw"});
  }
  refuse("--eps", {"0", "-1", "nan", "inf"}, {"--optimizer", "adamw"});
  refuse("--weight-decay", {"-1", "nan", "inf"});
  refuse("--epochs", {"0", "-1", "nan", "inf"});
  refuse("--steps", {"0", "-1", "9223372036854775807"});
  refuse("--examples", {"0", "-1", "9223372036854775807"});
}

TEST_F(StudyUsage, RefusesNamesThatDoNotExistAndListsThoseThatDo) {
  expect_refusal({"--frob"}, "--frob");
  expect_refusal({"-x"}, "-x");
  expect_refusal({"--model", "lent"},
                 "'lent', --model, did you mean lenet? The models are linear, mlp:H1,");
  for (const char* model : {"mlp", "", "mlp:", "mlp:8,,8", "mlp:0", "mlp:-1", "mlp:1e3", "mlp:8 ",
                            "mlp:99999999999", "MLP8", "mlp:\n8"}) {
    expect_refusal({"--model", model}, "mlp:");
  }
  expect_refusal({"--model", "lenet"}, "lenet needs images of at least 12x12");
  expect_refusal({"--optimizer", "sgdm"}, "there is no optimizer 'sgdm', did you mean sgd?");
  expect_refusal({"--objective", "loss"}, "'loss', use one of validation-loss");
  expect_refusal({"--dataset", "mnist"}, "'mnist', use one of fashion-mnist, idx:DIR");
  expect_refusal({"--dataset", "idx:"}, "did you mean idx:DIR? The others are fashion-mnist, ");
  expect_refusal({"--rules", "cube"}, "--rules: 'cube' is none of fixed, sqrt, linear,");
  expect_refusal({"--format", "yaml"}, "--format: 'yaml' is none of table, json, csv");
  expect_refusal({"--quiet=perhaps"}, "--quiet");
}

TEST_F(StudyUsage, RefusesListsThatDoNotFit) {
  expect_refusal({"--batch-sizes", "16,32"},
                 "--base-batch-size is 64, it must be one of --batch-sizes (16, 32)");
  expect_refusal({"--batch-sizes", "64,64"}, "--batch-sizes names 64 twice");
  expect_refusal({"--batch-sizes", ""}, "--batch-sizes");
  expect_refusal({"--batch-sizes", "16 64"}, "'16 64'");
  expect_refusal({"--batch-sizes", "16", "64"},
                 "separate its values by commas: --batch-sizes 16,64");
  expect_refusal({"--batch-sizes", "64,1001"},
                 "the batch size is 1001, but the training set has 1000 examples");
  expect_refusal({"--batch-sizes", "64,9223372036854775807"}, "has 9223372036854775807");
  expect_refusal({"--batch-sizes", "64,-16"}, "--batch-sizes has -16");
  expect_refusal({"--examples", "63"}, "the batch size is 64, but the budget is 63 examples");
  expect_refusal({"--epochs", "1e-9"}, "but the budget is 0 examples");
  expect_refusal({"--rules", ""}, "--rules");
  expect_refusal({"--rules", "fixed,fixed"}, "--rules names fixed 2 times");
}

TEST_F(StudyUsage, PointsToFitForRunsAndStudies) {
  std::ofstream(small_.path("runs.csv")) << "batch_size,lr,loss\n32,0.1,1\n";
  const std::string runs = small_.path("runs.csv").string();
  expect_refusal({runs}, runs + " is a table of runs, not a file of settings, etalon fit " + runs);
  std::filesystem::create_directory(small_.path("done"));
  std::ofstream(small_.path("done") / "study.db") << "";
  expect_refusal({small_.path("done").string()}, "is a study, not a file of settings");
}

TEST_F(StudyUsage, RefusesFlagsThatContradictEachOther) {
  expect_refusal({"--epochs", "1", "--steps", "5"}, "excludes");
  expect_refusal({"--epochs", "1", "--examples", "500"}, "excludes");
  expect_refusal({"--steps", "5", "--examples", "500"}, "excludes");
  expect_refusal({"--seeds", "2", "--seeds", "3"}, "--seeds");
  expect_refusal({"--momentum", "0.5", "--optimizer", "adam"},
                 "--momentum is no setting of the optimizer adam");
  expect_refusal({"--beta2", "0.5", "--optimizer", "momentum"},
                 "use --optimizer adam or adamw or rmsprop or lamb");
  expect_refusal({"one.toml", "two.toml"}, "two.toml");
}

TEST_F(StudyUsage, RefusesAPlaceThatCannotHoldAStudy) {
  const std::string file = (small_.data() / "train-labels-idx1-ubyte").string();
  expect_refusal({"--out", file}, "--out " + file);
  expect_refusal({"--out", file + "/below"}, "--out " + file + "/below");
  expect_refusal({"--out", ""}, "--out is empty");
  expect_refusal({"--out", "/proc/no-such"}, "--out /proc/no-such");
}

TEST_F(StudyUsage, RefusesAStudyFileThatIsNone) {
  std::filesystem::create_directory(small_.path("o"));
  const auto database = small_.path("o") / "study.db";
  std::ofstream(database) << "This is a diary, not a study, and must stay as it is.";
  const std::string before = read_text(database);
  for (const Arguments& more : {Arguments{}, Arguments{"--resume"}}) {
    expect_refused(run_with(more), database.string());
    EXPECT_EQ(read_text(database), before);
  }
}

// A thousand trials side by side fit into no machine.
TEST_F(StudyUsage, RefusesTrialsThatDoNotFitIntoMemory) {
  expect_refusal({"--dataset=fashion-mnist", "--model=resnet20", "--batch-sizes=8,32768",
                  "--base-batch-size=8", "--jobs=1000", "--epochs=1"},
                 "at batch size 32768 needs");
}

TEST_F(StudyUsage, RefusesDataThatCannotBeRead) {
  const std::string nowhere = small_.path("nowhere").string();
  expect_refusal({"--dataset", "idx:" + nowhere}, "there is no such directory, " + nowhere);
  const auto labels = small_.data() / "train-labels-idx1-ubyte";
  expect_refusal({"--dataset", "idx:" + labels.string()}, labels.string());

  const std::string whole = read_text(labels);
  std::ofstream(labels, std::ios::binary) << whole.substr(0, 500);
  expect_refusal({},
                 "the file is truncated: its header claims 1200 bytes of values, there are 492");
  expect_refusal({}, labels.string());
  std::ofstream(labels, std::ios::binary) << whole.substr(0, 6);
  expect_refusal({}, "the file ends within its header");
  std::ofstream(labels, std::ios::binary) << "";
  expect_refusal({}, "the file is empty");
  std::filesystem::remove(labels);
  expect_refusal({}, "there is no file train-labels-idx1-ubyte");
}

}  // namespace
}  // namespace etalon

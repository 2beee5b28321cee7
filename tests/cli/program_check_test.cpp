// `etalon check -- COMMAND` with real programs: what it finds, and what it is not taken in by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli/program_command.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::Arguments;
using ::testing::HasSubstr;
using testing::kPrograms;
using ::testing::Not;
using testing::ProgramCommand;
using testing::ProgramResult;
using testing::run_program;
using ::testing::StartsWith;
using testing::operator+;

class ProgramCheckCommand : public ProgramCommand {
 protected:
  ProgramResult check(const Arguments& flags, const Arguments& command) const {
    return run_program(ETALON_BINARY,
                       Arguments{"check", "--out", out()} + flags + Arguments{"--"} + command);
  }
};

TEST_F(ProgramCheckCommand, FindsTheMetricAndWhatMovesItAndEndsWithTheStudy) {
  const auto result = check({"--batch-sizes", "64,512", "--jobs", "2"}, known_answer());
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("'val loss' is the result"), HasSubstr("Two equal runs"),
                    HasSubstr("the learning rate changes the result"),
                    HasSubstr("the batch size changes the result"),
                    HasSubstr("etalon study --batch-sizes 64,512 --metric 'val loss'")));
}

TEST_F(ProgramCheckCommand, NoticesWhatIsNotPassedOn) {
  const auto result = check({}, script("echo loss=$1"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("Changing the learning rate changes nothing"));
  EXPECT_THAT(result.out, Not(HasSubstr("The study:")));
}

TEST_F(ProgramCheckCommand, SaysOnceThatThereIsNoNumber) {
  for (const Arguments& flags : {Arguments{}, Arguments{"--metric", "loss"}}) {
    const auto result = check(flags, script("echo done"));
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.out, StartsWith("✗ It prints no number with a name"));
    EXPECT_THAT(result.out, AllOf(Not(HasSubstr("these names")), Not(HasSubstr("among them")),
                                  Not(HasSubstr("could not be seen"))));
  }
}

TEST_F(ProgramCheckCommand, SaysThatTheProgramDiverged) {
  const auto result = check({}, script("echo loss=2; echo loss=nan"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, AllOf(HasSubstr("give a lower --lr"), Not(HasSubstr("changes nothing"))));
}

TEST_F(ProgramCheckCommand, TakesTheFileOfTheStudy) {
  const std::string file = (directory_.path() / "study.toml").string();
  std::ofstream(file) << "command = [\"" << kPrograms
                      << "known_answer.sh\", \"{batch_size}\", \"{lr}\", \"{seed}\"]\n"
                         "batch_sizes = [64, 128]\nmetric = \"val_loss\"\ntrials = 3\nhours = 2\n"
                         "out = \""
                      << out() << "\"\n";
  const auto result = run_program(ETALON_BINARY, {"check", file});
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("\netalon study " + file + "\n"));
  EXPECT_TRUE(fs::exists(fs::path(out()) / "check"));
  const auto study = run_program(ETALON_BINARY, {"study", file, "--quiet"});
  EXPECT_EQ(study.exit_code, 0) << study.err;
}

TEST_F(ProgramCheckCommand, SaysInWhichFileAMetricStands) {
  const auto result =
      check({}, {"sh", "-c", "echo other=1; echo step,loss > $2/log.csv; echo 1,$0$1 >> $2/log.csv",
                 "{batch_size}", "{lr}", "{out}"});
  EXPECT_THAT(result.out, AllOf(HasSubstr("It prints other (1 time"), HasSubstr("to log.csv.")));
}

TEST_F(ProgramCheckCommand, IsNotTakenInByNoiseThatAgreesOnce) {
  const std::string count = (directory_.path() / "count").string();
  // The first two runs agree, and then no two.
  const auto result =
      check({}, script("n=$(cat " + count + " 2>/dev/null || echo 0); echo $((n + 1)) > " + count +
                       "; [ $n -lt 2 ] && n=0; echo loss=$n.5"));
  EXPECT_THAT(result.out, AllOf(HasSubstr("Equal runs differ"), Not(HasSubstr("give the same"))));
  EXPECT_THAT(result.out, HasSubstr("no more than chance does"));
}

TEST_F(ProgramCheckCommand, SaysWhatHelpsAgainstTooLittleMemory) {
  const auto result = check({}, script("echo 'CUDA out of memory' >&2; exit 1"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("--micro-batch"));
}

TEST_F(ProgramCheckCommand, GivesTheSettingsThatMove) {
  const auto result =
      check({"--batch-sizes", "64,256", "--beta1", "0.5", "--weight-decay", "0"},
            {"sh", "-c", "echo loss=$1$0", "{batch_size}", "{lr}", "{beta1}{beta2}{eps}"});
  EXPECT_THAT(result.err, HasSubstr("rule sde-power moves beta1, beta2, eps"));
  EXPECT_THAT(result.out, HasSubstr("--beta1 0.5 --weight-decay 0"));
}

TEST_F(ProgramCheckCommand, ShowsWhyTheProgramFails) {
  const auto result = check({}, script("echo 'unknown flag --batch' >&2; exit 2"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, AllOf(HasSubstr("exit code 2"), HasSubstr("unknown flag --batch")));
}

TEST_F(ProgramCheckCommand, LooksAtAProgramThatTakesLongForAWhileOnly) {
  const auto result = check({"--look", "0.5"}, script("echo loss=$2$1; sleep 100"));
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("takes longer than these runs"));
}

}  // namespace
}  // namespace etalon

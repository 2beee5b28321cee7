// `etalon noise -- COMMAND` with real programs: the noise scale from the norms that they print.
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "cli/noise_command.hpp"
#include "cli/program_command.hpp"
#include "support/run_command.hpp"
#include "support/torch.hpp"

namespace etalon {
namespace {

using testing::Arguments;
using ::testing::HasSubstr;
using Json = nlohmann::json;
using testing::operator+;

class NoiseOfPrograms : public testing::NoiseCommand {
 protected:
  testing::ProgramResult run(const Arguments& flags, const Arguments& command) const {
    return testing::run_program(
        ETALON_BINARY, Arguments{"noise", "--out", (directory_.path() / "runs").string()} + flags +
                           Arguments{"--"} + command);
  }
  static Arguments script(const std::string& text) {
    return {"sh", "-c", text, "script", "{batch_size}", "{lr}", "{seed}"};
  }

  void expect_error(int code, const Arguments& flags, const Arguments& command,
                    const std::vector<std::string>& said) const {
    const auto result = run(flags, command);
    EXPECT_EQ(result.exit_code, code) << result.err;
    EXPECT_EQ(result.out, "");
    for (const std::string& part : said) EXPECT_THAT(result.err, HasSubstr(part));
  }
};

TEST_F(NoiseOfPrograms, AgreesWithTheGradientsOfSingleExamplesInPyTorch) {
  if (!testing::has_torch()) GTEST_SKIP() << "needs Debian's package python3-torch";
  const std::string program = testing::kPrograms + "grad_norm.py";
  const auto truth = testing::run_command("/usr/bin/python3 '" + program + "' 1 1 3 --truth");
  const double scale = std::stod(truth.output);
  const auto result = run({"--batch-sizes", "8,64,512", "--count", "60", "--seed", "3", "--level",
                           "0.99", "--jobs", "2", "--format", "json"},
                          {"/usr/bin/python3", program, "{batch_size}", "{lr}", "{seed}"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json answer = Json::parse(result.out);
  EXPECT_EQ(answer.at("measurements"), 180);
  EXPECT_LE(answer.at("noise_scale_low").get<double>(), scale);
  EXPECT_GE(answer.at("noise_scale_high").get<double>(), scale);
  EXPECT_NEAR(answer.at("noise_scale").get<double>(), scale, 0.25 * scale);
  ASSERT_EQ(answer.at("line").size(), 3u);
}

// Squared norms of 4 + 64/B: a noise scale of 16, with a spread that leaves the mean.
const char* const kLine =
    "for i in 1 2 3 4 5 6 7 8; do awk -v B=$1 -v i=$i "
    "'BEGIN {{ s = i % 2 ? 0.9 : 1.1; print \"step\", i, \"gnorm\", s * (4 + 64 / B) }}'; done";

TEST_F(NoiseOfPrograms, ReadsSquaredNormsByTheirNameAndMovesALearningRate) {
  const auto result =
      run({"--batch-sizes", "8,64", "--count", "8", "--metric", "gnorm", "--norms", "squared",
           "--lr", "0.1", "--batch-size", "16", "--to", "16,64", "--format", "json"},
          script(kLine));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json answer = Json::parse(result.out);
  EXPECT_NEAR(answer.at("noise_scale").get<double>(), 16.0, 1e-3);
  EXPECT_NEAR(answer.at("batch_sizes").at(1).at("lr").get<double>(), 0.1 * 2.0 / 1.25, 1e-4);
  EXPECT_THAT(answer.at("source").get<std::string>(), HasSubstr("{batch_size}"));
}

TEST_F(NoiseOfPrograms, TellsTheStepsWhereTheProgramAsksForThem) {
  const auto result =
      run({"--batch-sizes", "8,64", "--count", "6", "--format", "json"},
          {"sh", "-c",
           "i=0; while [ $i -lt $3 ]; do i=$((i+1)); echo grad_norm=$((200 - $1 + i % 2)); done",
           "script", "{batch_size}", "{lr}", "{steps}"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(Json::parse(result.out).at("measurements"), 12);
}

// A norm of 4 + 64/B at the first step, then others that learning moved.
TEST_F(NoiseOfPrograms, ComesWithAStudyWhoseProgramPrintsItsNorms) {
  const std::string out = (directory_.path() / "study").string();
  const Arguments command = script(
      "awk -v B=$1 -v lr=$2 -v seed=$3 'BEGIN {{ z = log(lr / 0.1); s = seed % 2 ? 0.95 : 1.05; "
      "print \"step 1 grad_norm\", sqrt(s * (4 + 64 / B)); print \"step 2 grad_norm\", 9 * lr; "
      "print \"val loss\", 2 + z * z + 0.2 * sin(7919 * seed * lr) }}'");
  const auto study_with_seeds = [&](const char* seeds) {
    return testing::run_program(
        ETALON_BINARY, Arguments{"study", "--out", out, "--batch-sizes", "8,64", "--metric",
                                 "val loss", "--trials", "40", "--seeds", seeds, "--quiet", "--"} +
                           command);
  };
  const auto study = study_with_seeds("3");
  ASSERT_EQ(study.exit_code, 0) << study.err;
  const Json answer = noise_json({out});
  EXPECT_NEAR(answer.at("noise_scale").get<double>(), 16.0, 1.5);
  EXPECT_GE(answer.at("measurements").get<int>(), 4);
  EXPECT_LE(answer.at("measurements").get<int>(), 6);
  for (const Arguments& columns :
       {Arguments{"--where", "step=1"}, Arguments{"--batch-column", "b"}}) {
    const auto refused = noise(Arguments{out} + columns);
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.err, HasSubstr("a study has no columns to name"));
  }
  const auto over = noise({out, "--html", out + "/study.db"});
  EXPECT_EQ(over.exit_code, 2);
  // A later attempt has gone on from where another stopped.
  std::filesystem::create_directories(out + "/trials/1/2");
  std::ofstream(out + "/trials/1/2/stdout") << "step 900 grad_norm 77\n";
  EXPECT_EQ(noise_json({out}).at("noise_scale"), answer.at("noise_scale"));
  std::ofstream(out + "/trials/1/1/stdout") << "step 100 grad_norm 77\n";
  const auto late = noise({out});
  EXPECT_EQ(late.exit_code, 2);
  EXPECT_THAT(late.err, HasSubstr("is of step 100"));
  std::filesystem::remove_all(out);
  ASSERT_EQ(study_with_seeds("1").exit_code, 0);
  const auto alone = noise({out});
  EXPECT_EQ(alone.exit_code, 2);
  EXPECT_THAT(alone.err, HasSubstr("0 of its batch sizes had more than one seed"));
  const auto missing = noise({out, "--norm-column", "gnorm"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("no trial printed a 'gnorm'"));
}

TEST_F(NoiseOfPrograms, EndsSoonWhereItIsAskedTo) {
  const std::string out = (directory_.path() / "runs").string();
  testing::Program program(
      ETALON_BINARY,
      Arguments{"noise", "--out", out, "--batch-sizes", "8,64", "--"} + script("sleep 100"));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  program.signal(SIGINT);
  EXPECT_TRUE(program.ended_within(10.0));
  const auto stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, 130);
  EXPECT_THAT(stopped.err, HasSubstr("stopped; what the runs printed so far is in " + out));
}

TEST_F(NoiseOfPrograms, SaysWhatIsMissing) {
  const Arguments two = {"--batch-sizes", "8,64"};
  const Arguments line = script(kLine);
  expect_error(2, {"--batch-sizes", "8"}, line, {"--batch-sizes names fewer than two"});
  expect_error(2, {"--batch-sizes", "8,8"}, line, {"--batch-sizes"});
  expect_error(2, {}, line, {"--batch-sizes"});
  expect_error(2, two + Arguments{"--count", "1"}, line, {"--count is 1"});
  expect_error(2, two + Arguments{"--lr", "0.1"}, line, {"--lr and --batch-size go together"});
  expect_error(2, two, {"sh", "-c", "echo grad_norm=1"}, {"has no {lr}"});
  expect_error(2, two, {"sh", "-c", "echo grad_norm={lr}"}, {"has no {batch_size}"});
  expect_error(2, two, line, {"'grad_norm'", "gnorm"});
  expect_error(2, two, script("echo grad_norm=1; echo grad_norm=nan; echo grad_norm=nan"),
               {"batch size 8", "not finite"});
  expect_error(2, two, script("echo grad_norm=-1; echo grad_norm=-2"), {"a gradient norm is -1"});
  expect_error(1, two, script("echo grad_norm=1"), {"batch size 8", "once", "every step"});
  expect_error(1, two, script("echo grad_norm=1; echo no GPU >&2; exit 3"), {"no GPU"});
  expect_error(2, two, script("for i in 1 2 3; do echo grad_norm=$(($1 + i)); done"),
               {"grow with the batch size"});
}

}  // namespace
}  // namespace etalon

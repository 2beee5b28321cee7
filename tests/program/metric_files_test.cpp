// Metrics in files that real programs write while they run: which are found, that they are
// followed, and which counts where several have the metric.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "etalon/error.hpp"
#include "etalon/program.hpp"
#include "program/program_check.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TemporaryDirectory;

struct FollowedTrial {
  std::vector<double> told_in_time;  // before the program ended
  std::vector<double> told;
  std::optional<TrialResult> result;
  std::string refusal;
};

class MetricFiles : public ::testing::Test {
 protected:
  // `script` is what a shell runs; $1 is its directory {out}.
  ProgramOptions options_for(const std::string& script) const {
    ProgramOptions options;
    std::string doubled;
    for (const char c : script)
      doubled += c == '{' || c == '}' ? std::string(2, c) : std::string(1, c);
    options.command = {"sh", "-c", doubled, "script", "{out}", "{lr}", "{batch_size}"};
    options.metric = "val_loss";
    options.directory = directory_.path() / "trials";
    options.supervisor = {ETALON_PROGRAM, "supervise"};
    return options;
  }

  static FollowedTrial run(const ProgramOptions& options) {
    FollowedTrial followed;
    ProgramRunner runner(options);
    runner.start(1, {32, 0.5, 7, {}});
    const std::filesystem::path ended = options.directory / "1/1/status.json";
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < until) {
      const auto event = runner.wait(1s);
      if (!event) continue;
      if (const auto* point = std::get_if<CurvePoint>(&event->what)) {
        followed.told.push_back(*point->validation_loss);
        if (!std::filesystem::exists(ended)) followed.told_in_time.push_back(followed.told.back());
        continue;
      }
      if (const auto* result = std::get_if<TrialResult>(&event->what)) followed.result = *result;
      if (const auto* refusal = std::get_if<InputError>(&event->what))
        followed.refusal = refusal->what();
      break;
    }
    return followed;
  }
  FollowedTrial run(const std::string& script) const { return run(options_for(script)); }

  TemporaryDirectory directory_;
};

TEST_F(MetricFiles, FollowsATableThatIsWrittenAnewWhenAKeyAppears) {
  const FollowedTrial trial =
      run("mkdir -p $1/logs/version_0; cd $1/logs/version_0\n"
          "printf 'step,train_loss\\n0,3\\n10,2\\n' > metrics.csv; sleep 0.7\n"
          "printf 'epoch,step,train_loss,val_loss\\n,0,3,\\n,10,2,\\n0,19,,1.5\\n' > metrics.csv; "
          "sleep 0.7\n"
          "printf ',20,1.9,\\n1,39,,1.25\\n' >> metrics.csv; sleep 0.7; printf '2,59,,1.125' >> "
          "metrics.csv");
  ASSERT_TRUE(trial.result);
  EXPECT_EQ(trial.result->state, TrialState::finished);
  EXPECT_EQ(trial.result->objective, 1.125);
  EXPECT_EQ(trial.result->steps, 59);
  EXPECT_THAT(trial.told_in_time, ElementsAre(1.5, 1.25));
  EXPECT_THAT(trial.told, ElementsAre(1.5, 1.25, 1.125));
  ASSERT_EQ(trial.result->curve.size(), 3U);
  EXPECT_EQ(trial.result->curve[1].train_loss, 1.9);
  EXPECT_EQ(trial.result->curve[1].epoch, 1.0);
}

TEST_F(MetricFiles, FollowsJsonLines) {
  const FollowedTrial trial =
      run("echo '{\"step\": 1, \"val_loss\": 2}' > $1/log.jsonl; sleep 0.7\n"
          "printf '{\"step\": 2, \"val_loss\": NaN}\\n{\"step\": 3, \"val_l' >> $1/log.jsonl; "
          "sleep 0.2\n"
          "echo 'oss\": 1}' >> $1/log.jsonl");
  ASSERT_TRUE(trial.result);
  EXPECT_EQ(trial.result->objective, 1.0);
  EXPECT_THAT(trial.told, ElementsAre(2, 1));
}

TEST_F(MetricFiles, FollowsEventFilesOfAnIndependentWriter) {
  const FollowedTrial trial =
      run("exec /usr/bin/python3 " ETALON_SOURCE_DIR
          "/tests/program/write_events.py $1/tb/run eval/loss 4 3 2.5 2.25 2.125");
  EXPECT_NE(trial.refusal, "") << "the metric has another name";
  ProgramOptions options =
      options_for("exec /usr/bin/python3 " ETALON_SOURCE_DIR
                  "/tests/program/write_events.py $1/tb/run val/loss 4 3 2.5 2.25 2.125");
  options.directory = directory_.path() / "others";
  const FollowedTrial found = run(options);
  ASSERT_TRUE(found.result);
  EXPECT_EQ(found.result->state, TrialState::finished);
  EXPECT_EQ(found.result->objective, 2.125);
  EXPECT_EQ(found.result->steps, 500);
  EXPECT_GE(found.told_in_time.size(), 1U);
  EXPECT_THAT(found.told, ElementsAre(4, 3, 2.5, 2.25, 2.125));
}

TEST_F(MetricFiles, TakesFilesBeforeWhatIsPrintedAndEitherWhereItIsAlone) {
  const FollowedTrial both =
      run("echo 'val loss: 0.1'; printf 'step,val_loss\\n4,0.123\\n' > $1/m.csv");
  EXPECT_EQ(both.result->objective, 0.123);
  const FollowedTrial printed =
      run("echo 'val loss: 0.1'; printf 'step,acc\\n4,0.123\\n' > $1/m.csv");
  EXPECT_EQ(printed.result->objective, 0.1);
}

TEST_F(MetricFiles, ReadsTheNamedFileAlone) {
  ProgramOptions options = options_for("echo val_loss=9; echo 'at 3: 0.5 (val)' > $1/log.txt");
  options.metric_file = "{out}/log.txt";
  options.pattern = "at (?<step>[0-9]+): (?<metric>[0-9.]+)";
  const FollowedTrial trial = run(options);
  EXPECT_EQ(trial.result->objective, 0.5);
  EXPECT_EQ(trial.result->steps, 3);
  options.metric_file = "{out}/other.txt";
  EXPECT_THAT(run(options).refusal, HasSubstr("other.txt"));
}

TEST_F(MetricFiles, TakesNothingThatLayThereBefore) {
  const auto elsewhere = directory_.path() / "runs/1";
  std::filesystem::create_directories(elsewhere);
  std::ofstream(elsewhere / "metrics.csv") << "step,val_loss\n1,9\n";
  std::filesystem::last_write_time(elsewhere / "metrics.csv",
                                   std::filesystem::file_time_type::clock::now() - 1h);
  ProgramOptions options = options_for("true");
  options.metric_file = (directory_.path() / "runs/{trial}/metrics.csv").string();
  EXPECT_THAT(run(options).refusal, HasSubstr("no 'val_loss'"));
  options =
      options_for("printf 'step,val_loss\\n1,2\\n' > " + (elsewhere / "metrics.csv").string());
  options.metric_file = (directory_.path() / "runs/{trial}").string();
  EXPECT_EQ(run(options).result->objective, 2.0);
}

TEST_F(MetricFiles, CountWhereTheStudyWasKilledJustAfterTheTrialEnded) {
  const std::string script =
      "echo run >> $1/../../../../runs; echo 'step,val_loss\n3,0.5' > $1/m.csv";
  ProgramOptions options = options_for(script);
  options.study = "one";
  EXPECT_EQ(run(options).result->objective, 0.5);
  EXPECT_EQ(run(options).result->objective, 0.5);
  std::ifstream runs(directory_.path() / "runs");
  EXPECT_EQ(std::count(std::istreambuf_iterator<char>(runs), {}, '\n'), 1);
}

TEST_F(MetricFiles, AsksWhichDirectoryIsMeant) {
  const std::string script =
      "for part in train validation; do mkdir $1/$part; echo \"epoch,epoch_loss\n1,${#part}\" > "
      "$1/$part/log.csv; done";
  ProgramOptions options = options_for(script);
  options.metric = "epoch_loss";
  EXPECT_THAT(run(options).refusal, HasSubstr("as validation/epoch_loss"));
  options.metric = "validation/epoch_loss";
  EXPECT_EQ(run(options).result->objective, 10.0);
}

TEST_F(MetricFiles, RelyOnNoDamagedFile) {
  ProgramOptions options = options_for("/usr/bin/python3 " ETALON_SOURCE_DIR
                                       "/tests/program/write_events.py $1 val_loss 4 3; printf x | "
                                       "dd of=$(ls $1/*1.host) bs=1 seek=70 "
                                       "conv=notrunc 2>/dev/null");
  const FollowedTrial trial = run(options);
  EXPECT_EQ(trial.result->state, TrialState::failed);
  EXPECT_THAT(trial.result->message, HasSubstr("checksum does not fit at byte"));
}

TEST_F(MetricFiles, StopsWhatDivergesInAFile) {
  const FollowedTrial trial = run("printf 'val_loss\\n1\\nnan\\nnan\\n' > $1/m.csv; sleep 30");
  EXPECT_EQ(trial.result->state, TrialState::diverged);
  EXPECT_LT(trial.result->wall_seconds, 20);
}

TEST_F(MetricFiles, AreRefusedWhereTheyAreTheSameForAllTrials) {
  ProgramOptions options = options_for("true");
  options.metric_file = "results.csv";
  EXPECT_THROW(options.validate(), InputError);
  options.metric_file = "{outt}/results.csv";
  EXPECT_THROW(options.validate(), InputError);
}

TEST_F(MetricFiles, AreSeenByACheck) {
  ProgramCheckOptions options;
  options.program = options_for(
      "mkdir $1/a $1/b; for d in a b; do echo \"step,loss\n1,$2\n2,$3\" > $1/$d/m.csv; done; echo "
      "acc=1");
  options.program.metric = "";
  options.batch_sizes = {32};
  const ProgramCheck check = check_program(options);
  ASSERT_FALSE(check.runs.empty());
  std::vector<std::string> names;
  for (const SeenMetric& metric : check.runs.front().metrics) names.push_back(metric.name);
  EXPECT_THAT(names, ElementsAre("step", "loss", "b/step", "b/loss", "acc"));
}

}  // namespace
}  // namespace etalon

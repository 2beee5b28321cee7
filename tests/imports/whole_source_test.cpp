// From what lies in a directory to runs, and what is said of it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imports/log_files.hpp"
#include "imports/read_source.hpp"
#include "imports/sample_logs.hpp"
#include "support/without_rights.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::SampleLogs;
using ::testing::SizeIs;

constexpr double kLrs[] = {0.1, 0.2, 0.4};
constexpr int kBatchSizes[] = {16, 32};

// What the runs were read as, or why not.
struct Outcome {
  std::size_t runs = 0;
  std::vector<std::string> said;
  std::string error;
};

Outcome read(const std::filesystem::path& path, const SourceOptions& options = {}) {
  Outcome outcome;
  try {
    const auto say = [&](const std::string& sentence) { outcome.said.push_back(sentence); };
    for (const RunGroup& group : read_source(path, options, say).runs.groups) {
      outcome.runs += group.rows.size();
    }
  } catch (const Error& error) {
    outcome.error = error.what();
  }
  return outcome;
}

Outcome read_without_rights(const std::filesystem::path& path) {
  const testing::WithoutRights without;
  return read(path);
}

// A CSV log for each run, in directories that say its settings.
std::vector<std::filesystem::path> write_runs(const SampleLogs& files) {
  std::vector<std::filesystem::path> written;
  for (const int batch_size : kBatchSizes) {
    for (const double lr : kLrs) {
      written.push_back(files.write(fmt::format("runs/b{}_lr{}/metrics.csv", batch_size, lr),
                                    "step,val_loss\n10,3\n20,2\n"));
    }
  }
  return written;
}

TEST(WholeSource, CountsWhatNobodyMayRead) {
  const SampleLogs files;
  const auto logs = write_runs(files);
  for (const auto& directory : {files.path(""), files.path("runs")}) testing::allow(directory);
  for (const auto& log : logs) testing::allow(log.parent_path());
  testing::forbid(logs[0]);
  testing::forbid(logs[5].parent_path());
  const Outcome outcome = read_without_rights(files.path("runs"));
  testing::allow(logs[5].parent_path());
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.runs, 4U);
  EXPECT_THAT(outcome.said,
              Contains(AllOf(HasSubstr("could not read 1 file and 1 directory to the end, of which "
                                       "the first: the file cannot be read, "),
                             HasSubstr(logs[0].string()))));
}

TEST(WholeSource, SaysThatNobodyMayReadAnythingInsteadOfThatThereIsNothing) {
  const SampleLogs files;
  const auto log = files.write("runs/metrics.csv", "step,loss\n1,2\n2,1\n");
  testing::allow(files.path(""));
  testing::allow(files.path("runs"));
  testing::forbid(log);
  const Outcome of_file = read_without_rights(files.path("runs"));
  testing::forbid(files.path("runs"));
  const Outcome of_directory = read_without_rights(files.path("runs"));
  testing::allow(files.path("runs"));
  EXPECT_THAT(of_file.error, HasSubstr("the file cannot be read"));
  EXPECT_THAT(of_directory.error, HasSubstr("the directory cannot be read"));
}

void write_mlflow_run(const SampleLogs& files, int experiment, int batch_size, double lr) {
  const std::string run = fmt::format("mlruns/{}/b{}lr{}", experiment, batch_size, lr);
  files.write(run + "/meta.yaml", "run_id: x\nrun_name: owl\nstatus: 3\nlifecycle_stage: active\n");
  files.write(run + "/params/batch_size", std::to_string(batch_size));
  files.write(run + "/params/lr", fmt::format("{}", lr));
  files.write(run + "/metrics/val_loss", "1 3.0 10\n2 2.0 20\n");
}

TEST(WholeSource, MakesAGroupOfEachExperimentOfMlflow) {
  const SampleLogs files;
  for (const int experiment : {1, 2}) {
    files.write(fmt::format("mlruns/{}/meta.yaml", experiment),
                fmt::format("name: study {}\nlifecycle_stage: active\n", experiment));
    for (const int batch_size : kBatchSizes) {
      for (const double lr : kLrs) write_mlflow_run(files, experiment, batch_size, lr);
    }
  }
  const Outcome outcome = read(files.path("mlruns"));
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.runs, 12U);
  EXPECT_THAT(outcome.said, Contains("took one group per 'experiment'"));
}

TEST(WholeSource, OfMlflowKeepsARunOfWhichAMetricCannotBeRead) {
  const SampleLogs files;
  for (const double lr : kLrs) write_mlflow_run(files, 1, 16, lr);
  const auto locked = files.write("mlruns/1/b16lr0.1/metrics/aux", "1 3.0 10\n");
  for (const char* name : {"", "mlruns", "mlruns/1"}) testing::allow(files.path(name));
  testing::forbid(locked);
  const Outcome outcome = read_without_rights(files.path("mlruns"));
  EXPECT_EQ(outcome.runs, 3U) << outcome.error;
  EXPECT_THAT(outcome.said, Contains(HasSubstr("metrics/aux")));
}

TEST(WholeSource, ReadsSettingsBesideAnyLogsAndNotAlone) {
  for (const char* name : {"hydra", "guild", "hparams-yaml"}) {
    const SampleLogs files;
    write_runs(files);
    SourceOptions options;
    options.from = name;
    EXPECT_THAT(read(files.path("runs"), options).error,
                AllOf(HasSubstr(fmt::format("from is '{}', which holds the settings", name)),
                      HasSubstr("read beside any logs")));
    EXPECT_THAT(read(files.path("runs"), {.from = "none"}).error,
                AllOf(HasSubstr("tensorboard, optuna"), Not(HasSubstr(name))));
  }
}

}  // namespace
}  // namespace etalon

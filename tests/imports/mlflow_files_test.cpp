// MLflow's file store, written here as its documentation has it.
#include "imports/mlflow_files.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "etalon/error.hpp"
#include "imports/read_log.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using etalon::testing::kInf;
using etalon::testing::kNan;
using etalon::testing::PointIs;
using etalon::testing::write_text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class MlflowFiles : public ::testing::Test {
 protected:
  MlflowFiles() {
    write_text(experiment_ / "meta.yaml",
               "artifact_location: file:///mlruns/1\ncreation_time: 1700000000000\n"
               "experiment_id: '1'\nlifecycle_stage: active\nname: cifar\n");
    write_meta("status: 3", "active");
  }

  void write_meta(const std::string& status, const std::string& stage) {
    write_text(run_ / "meta.yaml",
               fmt::format("artifact_uri: file:///mlruns/1/8c/artifacts\nend_time: 1700000009999\n"
                           "entry_point_name: ''\nexperiment_id: '1'\nlifecycle_stage: {}\n"
                           "run_id: 8c2f\nrun_name: calm-owl-7\nrun_uuid: 8c2f\n"
                           "source_type: 4\nstart_time: 1700000000000\n{}\ntags: []\nuser_id: me\n",
                           stage, status));
  }
  void write(const std::string& name, const std::string& text) { write_text(run_ / name, text); }
  std::vector<LoggedRun> read() const {
    return etalon::testing::runs_in(run_ / "meta.yaml", read_mlflow_run);
  }

  etalon::testing::TemporaryDirectory directory_;
  const std::filesystem::path experiment_ = directory_.path() / "mlruns/1";
  const std::filesystem::path run_ = experiment_ / "8c2f";
};

TEST_F(MlflowFiles, ARunHasItsParametersTagsAndCurves) {
  write("params/learning_rate", "0.001");
  write("params/optimizer/name", "adam");
  write("tags/mlflow.runName", "renamed");
  write("tags/mlflow.user", "me");
  write("tags/fold", "2");
  write("metrics/val/loss", "1700000000001 2.5 10\n1700000000002 nan 20\n1700000000003 -inf 30\n");
  write("metrics/lr", "1700000000001 1e-05 1\n");
  ASSERT_TRUE(is_mlflow_run(run_ / "meta.yaml"));
  const auto runs = read();
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].directory, run_);
  EXPECT_EQ(runs[0].name, "");
  EXPECT_EQ(runs[0].state, "FINISHED");
  EXPECT_THAT(runs[0].settings,
              UnorderedElementsAre(Pair("learning_rate", "0.001"), Pair("optimizer/name", "adam"),
                                   Pair("run_name", "renamed"), Pair("experiment", "cifar"),
                                   Pair("tags.fold", "2")));
  EXPECT_THAT(
      runs[0].curves,
      UnorderedElementsAre(Pair("lr", ElementsAre(PointIs(1.0, 1e-5))),
                           Pair("val/loss", ElementsAre(PointIs(10.0, 2.5), PointIs(20.0, kNan),
                                                        PointIs(30.0, -kInf)))));
}

TEST_F(MlflowFiles, ValuesWithoutStepsAreNumbered) {
  write("metrics/old", "1546300800000 3.5\n1546300801000 2.5\n");
  write("metrics/never_said", "1700000000001 3 0\n1700000000002 2 0\n");
  write("metrics/once", "1700000000001 0.5 0\n");
  EXPECT_THAT(
      read()[0].curves,
      UnorderedElementsAre(Pair("old", ElementsAre(PointIs(0.0, 3.5), PointIs(1.0, 2.5))),
                           Pair("never_said", ElementsAre(PointIs(0.0, 3.0), PointIs(1.0, 2.0))),
                           Pair("once", ElementsAre(PointIs(0.0, 0.5)))));
}

TEST_F(MlflowFiles, AStatusIsAWord) {
  write("metrics/loss", "1700000000001 0.5 0\n");
  const std::vector<std::pair<std::string, std::string>> words = {
      {"status: 1", "RUNNING"}, {"status: 2", "SCHEDULED"},       {"status: 4", "FAILED"},
      {"status: 5", "KILLED"},  {"status: FINISHED", "FINISHED"}, {"", ""}};
  for (const auto& [line, word] : words) {
    write_meta(line, "active");
    EXPECT_EQ(read().at(0).state, word) << line;
  }
}

TEST_F(MlflowFiles, DeletedRunsAreNone) {
  write("metrics/loss", "1700000000001 0.5 0\n");
  write_meta("status: 3", "deleted");
  EXPECT_THAT(read(), IsEmpty());
  write_meta("status: 3", "active");
  write_text(experiment_ / "meta.yaml", "experiment_id: 1\nlifecycle_stage: deleted\nname: a\n");
  EXPECT_THAT(read(), IsEmpty());
}

TEST_F(MlflowFiles, AnExperimentIsNoRun) {
  write("metrics/loss", "1700000000001 0.5 0\n");
  EXPECT_FALSE(is_mlflow_run(experiment_ / "meta.yaml"));
  EXPECT_FALSE(is_mlflow_run(run_ / "metrics/loss"));
  EXPECT_FALSE(is_mlflow_run(run_ / "none/meta.yaml"));
  EXPECT_FALSE(is_mlflow_run(run_));
}

TEST_F(MlflowFiles, AMetricThatIsDamagedIsNamedAndTheRestIsRead) {
  write("metrics/damaged", "1700000000001 0.5 1\nnonsense\n1700000000001 0.5 2\n");
  write("metrics/loss", "1700000000001 0.5 1\n1700000000002 0.25 2\n1700000");
  std::vector<LoggedRun> runs;
  try {
    read_mlflow_run(run_ / "meta.yaml", [&](LoggedRun run) { runs.push_back(std::move(run)); });
    FAIL() << "read";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("line 2 of metric damaged"));
    EXPECT_THAT(error.what(), HasSubstr(run_.string()));
  }
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_THAT(runs[0].curves.at("loss"), ElementsAre(PointIs(1.0, 0.5), PointIs(2.0, 0.25)));
}

TEST_F(MlflowFiles, APipeAmongTheMetricsIsPassedOver) {
  write("metrics/loss", "1700000000001 0.5 1\n");
  ASSERT_EQ(mkfifo((run_ / "metrics/pipe").c_str(), 0600), 0);
  EXPECT_THAT(read().at(0).curves, ElementsAre(Pair("loss", ElementsAre(PointIs(1.0, 0.5)))));
}

}  // namespace
}  // namespace etalon

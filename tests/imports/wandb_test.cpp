// Runs that W&B leaves on the disk.
#include "imports/wandb.hpp"

#include <gtest/gtest.h>

#include "etalon/error.hpp"
#include "imports/read_log.hpp"
#include "imports/wandb_writer.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using etalon::testing::kInf;
using etalon::testing::kNan;
using etalon::testing::PointIs;
using etalon::testing::ProtobufWriter;
using etalon::testing::WandbWriter;
using etalon::testing::write_text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class Wandb : public ::testing::Test {
 protected:
  LoggedRun read(const std::string& bytes) const {
    write_text(file_, bytes);
    const auto runs = etalon::testing::runs_in(file_, read_wandb_run);
    EXPECT_THAT(runs, SizeIs(1));
    return runs.at(0);
  }
  // What was heard before the error.
  LoggedRun read_damaged(const std::string& bytes, const std::string& what) const {
    write_text(file_, bytes);
    LoggedRun heard;
    try {
      read_wandb_run(file_, [&](LoggedRun run) { heard = std::move(run); });
      ADD_FAILURE() << "read";
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(what));
      EXPECT_THAT(error.what(), HasSubstr(file_.string()));
    }
    return heard;
  }

  etalon::testing::TemporaryDirectory directory_;
  const std::filesystem::path run_ = directory_.path() / "wandb/offline-run-20260101_120000-x1y2z3";
  const std::filesystem::path file_ = run_ / "run-x1y2z3.wandb";
};

TEST_F(Wandb, ARunHasItsConfigurationHistoryAndState) {
  WandbWriter writer;
  writer.run("mnist", "calm-owl-7", {{"lr", "0.1"}, {"_wandb", "{\"cli_version\": \"0.16\"}"}})
      .config({{"batch_size", "64"}, {"optimizer", "{\"name\": \"adam\", \"betas\": [0.9, 0.99]}"}})
      .config({{"optimizer>eps", "1e-08"}, {"lr", "0.2"}})
      .goal("val/acc", 2)
      .history(0, {{"loss", "2.5"}, {"_step", "0"}, {"_runtime", "1.5"}, {"note", "\"text\""}})
      .history(10, {{"loss", "NaN"}, {"val>acc", "0.5"}, {"grad", "{\"_type\": \"histogram\"}"}})
      .history(20, {{"loss", "\"Infinity\""}, {"train", "{\"loss\": 0.25}"}})
      .exit(0);
  const LoggedRun run = read(writer.text());
  ASSERT_TRUE(is_wandb_run(file_));
  EXPECT_EQ(run.directory, run_);
  EXPECT_EQ(run.name, "");
  EXPECT_EQ(run.state, "finished");
  EXPECT_THAT(run.settings,
              UnorderedElementsAre(Pair("lr", "0.2"), Pair("batch_size", "64"),
                                   Pair("optimizer.name", "adam"), Pair("optimizer.eps", "1e-08"),
                                   Pair("run_name", "calm-owl-7"), Pair("project", "mnist")));
  EXPECT_THAT(run.curves,
              UnorderedElementsAre(Pair("loss", ElementsAre(PointIs(0.0, 2.5), PointIs(10.0, kNan),
                                                            PointIs(20.0, kInf))),
                                   Pair("val/acc", ElementsAre(PointIs(10.0, 0.5))),
                                   Pair("train/loss", ElementsAre(PointIs(20.0, 0.25)))));
  EXPECT_THAT(run.directions, ElementsAre(Pair("val/acc", "max")));
}

TEST_F(Wandb, ARunSaysItsIdAndWhenItsDirectoryWasBegun) {
  const LoggedRun run = read(WandbWriter().run("mnist", "owl", {}).history(1, {}).text());
  EXPECT_EQ(run.id, "mnist/x1y2z3");
  EXPECT_EQ(run.begun, "20260101_120000");
  EXPECT_THAT(run.holds, ElementsAre(run_ / "files"));
  EXPECT_EQ(read(WandbWriter().history(1, {}).text()).id, "x1y2z3");
}

TEST_F(Wandb, TheItemOfAStepCountsBeforeTheStep) {
  const LoggedRun run = read(WandbWriter().history(3, {{"_step", "7"}, {"loss", "1"}}).text());
  EXPECT_THAT(run.curves, ElementsAre(Pair("loss", ElementsAre(PointIs(7.0, 1.0)))));
}

TEST_F(Wandb, WhatIsInTheSummaryAloneIsAtTheLastStep) {
  const LoggedRun run = read(WandbWriter()
                                 .history(5, {{"loss", "1"}})
                                 .summary({{"loss", "1"}, {"test_loss", "0.75"}, {"_step", "5"}})
                                 .text());
  EXPECT_THAT(run.curves, ElementsAre(Pair("loss", ElementsAre(PointIs(5.0, 1.0))),
                                      Pair("test_loss", ElementsAre(PointIs(5.0, 0.75)))));
}

TEST_F(Wandb, AStateIsThatOfTheExitCode) {
  EXPECT_EQ(read(WandbWriter().exit(1).text()).state, "failed");
  EXPECT_EQ(read(WandbWriter().history(1, {{"loss", "1"}}).text()).state, "");
}

TEST_F(Wandb, RecordsGoOnInTheNextBlock) {
  WandbWriter writer;
  const std::string long_text(100'000, 'x');  // in four blocks
  writer.history(1, {{"loss", "1"}, {"note", '"' + long_text + '"'}});
  for (int i = 2; i < 5'000; ++i) writer.history(i, {{"loss", std::to_string(i)}});
  const LoggedCurve curve = read(writer.text()).curves.at("loss");
  ASSERT_EQ(curve.size(), 4'999u);
  EXPECT_THAT(curve.front(), PointIs(1.0, 1.0));
  EXPECT_THAT(curve.back(), PointIs(4999.0, 4999.0));
}

TEST_F(Wandb, AHeaderMayBeTheLastOfABlock) {
  for (std::size_t left : {6u, 7u, 8u}) {
    WandbWriter writer;
    const std::size_t around = ProtobufWriter().bytes(19, std::string(32'000, 'x')).text().size();
    writer.record(ProtobufWriter().bytes(
        19, std::string(32'000 + WandbWriter::kBlock - 14 - around - left, 'x')));
    ASSERT_EQ(writer.text().size(), WandbWriter::kBlock - left);
    writer.history(1, {{"loss", "0.5"}});
    EXPECT_THAT(read(writer.text()).curves,
                ElementsAre(Pair("loss", ElementsAre(PointIs(1.0, 0.5)))))
        << left;
  }
}

TEST_F(Wandb, AFileThatEndsInARecordIsReadUpToIt) {
  const std::string whole = WandbWriter().history(1, {{"loss", "1"}}).text();
  const std::string more =
      WandbWriter().history(1, {{"loss", "1"}}).history(2, {{"a", "1"}}).text();
  for (std::size_t size = whole.size(); size < more.size(); ++size) {
    EXPECT_THAT(read(more.substr(0, size)).curves, SizeIs(1)) << size;
  }
  EXPECT_THAT(read(whole + std::string(100, '\0')).curves, SizeIs(1));
}

TEST_F(Wandb, AChecksumThatDoesNotFitIsDamageAndWhatIsBeforeItIsHeard) {
  const std::string before = WandbWriter().history(1, {{"loss", "1"}}).text();
  std::string bytes = WandbWriter().history(1, {{"loss", "1"}}).history(2, {{"loss", "2"}}).text();
  bytes[before.size() + 9] ^= 1;
  const LoggedRun run =
      read_damaged(bytes, "its checksum does not fit at byte " + std::to_string(before.size()));
  EXPECT_THAT(run.curves.at("loss"), ElementsAre(PointIs(1.0, 1.0)));
}

TEST_F(Wandb, AFileOfAnotherFormIsNone) {
  EXPECT_FALSE(is_wandb_run(file_));
  write_text(file_, "some text");
  EXPECT_FALSE(is_wandb_run(file_));
  read_damaged("some text", "does not begin");
  EXPECT_FALSE(is_wandb_run(run_));
  write_text(run_ / "run.txt", WandbWriter().text());
  EXPECT_FALSE(is_wandb_run(run_ / "run.txt"));
}

class WandbText : public Wandb {
 protected:
  WandbText() {
    write_text(config_,
               "wandb_version: 1\n\nlr:\n  desc: null\n  value: 0.1\noptimizer:\n  desc: null\n"
               "  value:\n    name: adam\n    value: 3\nnet.values:\n  value: 7\n"
               "_wandb:\n  desc: null\n  value:\n    cli_version: 0.16.0\n");
    write_text(summary_,
               "{\"loss\": 0.5, \"acc\": NaN, \"_step\": 99, \"_runtime\": 3, \"_wandb\": "
               "{\"runtime\": 3}, \"best\": {\"loss\": 0.25}, \"g\": {\"_type\": \"histogram\"}}");
  }
  const std::filesystem::path config_ = run_ / "files/config.yaml";
  const std::filesystem::path summary_ = run_ / "files/wandb-summary.json";
};

TEST_F(WandbText, IsReadWhereTheFileOfTheRunIsGone) {
  ASSERT_TRUE(is_wandb_run(config_));
  ASSERT_TRUE(is_wandb_run(summary_));
  const auto config = etalon::testing::runs_in(config_, read_wandb_run);
  const auto summary = etalon::testing::runs_in(summary_, read_wandb_run);
  ASSERT_THAT(config, SizeIs(1));
  ASSERT_THAT(summary, SizeIs(1));
  EXPECT_EQ(config[0].directory, run_);
  EXPECT_EQ(config[0].id, summary[0].id);
  EXPECT_EQ(config[0].begun, "20260101_120000");
  EXPECT_EQ(summary[0].directory, run_);
  EXPECT_THAT(config[0].settings,
              UnorderedElementsAre(Pair("lr", "0.1"), Pair("optimizer.name", "adam"),
                                   Pair("optimizer.value", "3"), Pair("net.values", "7")));
  EXPECT_THAT(summary[0].curves,
              UnorderedElementsAre(Pair("loss", ElementsAre(PointIs(99.0, 0.5))),
                                   Pair("acc", ElementsAre(PointIs(99.0, kNan))),
                                   Pair("best/loss", ElementsAre(PointIs(99.0, 0.25)))));
}

TEST_F(WandbText, IsPassedOverBesideTheFileOfTheRun) {
  write_text(file_, WandbWriter().history(1, {{"loss", "1"}}).text());
  EXPECT_FALSE(is_wandb_run(config_));
  EXPECT_FALSE(is_wandb_run(summary_));
}

TEST_F(WandbText, AConfigurationAloneIsAnotherTools) {
  std::filesystem::remove(summary_);
  EXPECT_FALSE(is_wandb_run(config_));
}

TEST_F(WandbText, ASummaryAloneIsOfItsOwnDirectory) {
  const auto alone = directory_.path() / "a/wandb-summary.json";
  write_text(alone, "{\"loss\": 0.5}");
  ASSERT_TRUE(is_wandb_run(alone));
  const auto runs = etalon::testing::runs_in(alone, read_wandb_run);
  EXPECT_EQ(runs.at(0).directory, alone.parent_path());
  EXPECT_THAT(runs[0].curves.at("loss"), ElementsAre(PointIs(0.0, 0.5)));
  EXPECT_EQ(runs[0].id, "");
}

TEST_F(WandbText, DamageIsNamed) {
  write_text(summary_, "[1]");
  EXPECT_THROW(etalon::testing::runs_in(summary_, read_wandb_run), InputError);
  write_text(summary_, "{\"loss\": ");
  EXPECT_THROW(etalon::testing::runs_in(summary_, read_wandb_run), InputError);
  write_text(config_, "a: [");
  EXPECT_THROW(etalon::testing::runs_in(config_, read_wandb_run), InputError);
}

}  // namespace
}  // namespace etalon

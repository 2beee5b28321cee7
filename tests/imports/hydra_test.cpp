#include "imports/hydra.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imports/sample_logs.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using testing::read_log;
using testing::read_one;
using testing::reader_of;
using testing::SampleLogs;

constexpr std::string_view kConfig = R"(optimizer:
  name: sgd
  lr: 0.1
batch_size: 32
warmup_lr: ${optimizer.lr}
a: ${b}
b: ${a}
)";

TEST(Hydra, GivesTheSettingsOfTheDirectoryAbove) {
  const SampleLogs files;
  const auto file = files.write("multirun/2024-01-01/00-00-00/3/.hydra/config.yaml", kConfig);
  EXPECT_EQ(reader_of(file), "hydra");
  const LoggedRun run = read_one(file);
  EXPECT_EQ(run.directory, files.path("multirun/2024-01-01/00-00-00/3"));
  EXPECT_EQ(run.settings.at("optimizer.name"), "sgd");
  EXPECT_EQ(run.settings.at("optimizer.lr"), "0.1");
  EXPECT_EQ(run.settings.at("batch_size"), "32");
  EXPECT_EQ(run.settings.at("warmup_lr"), "0.1") << "is that of the optimizer";
}

// Written by PyYAML.
TEST(Hydra, LetsOverridesWin) {
  const SampleLogs files;
  files.write(".hydra/overrides.yaml",
              "- optimizer.lr=0.2\n- +seed=3\n- ++tag='a b'\n- ~logger\n- model=resnet\n"
              "- layers=[1,2]\n");
  const LoggedRun run =
      read_one(files.write(".hydra/config.yaml", "optimizer: {lr: 0.1}\nbatch_size: 32\n"));
  EXPECT_THAT(run.settings,
              ElementsAre(Pair("batch_size", "32"), Pair("model", "resnet"),
                          Pair("optimizer.lr", "0.2"), Pair("seed", "3"), Pair("tag", "a b")));
}

TEST(Hydra, ReadsOverridesAloneWhereThereIsNoConfig) {
  const SampleLogs files;
  const auto file = files.write("run/.hydra/overrides.yaml", "- lr=0.2\n");
  EXPECT_EQ(reader_of(file), "hydra");
  const LoggedRun run = read_one(file);
  EXPECT_EQ(run.directory, files.path("run"));
  EXPECT_THAT(run.settings, ElementsAre(Pair("lr", "0.2")));
  files.write("run/.hydra/config.yaml", "lr: 0.2\n");
  EXPECT_EQ(reader_of(file), "") << "config.yaml stands for both";
}

TEST(Hydra, HasNoSettingsInItsOwnFile) {
  const SampleLogs files;
  EXPECT_EQ(reader_of(files.write(".hydra/hydra.yaml", "hydra: {run: {dir: x}}\n")), "");
}

TEST(Hydra, IsRefusedByNameWhereItIsDamaged) {
  const SampleLogs files;
  const auto config = files.write(".hydra/config.yaml", "lr: 0.1\n");
  files.write(".hydra/overrides.yaml", "- [lr\n");
  EXPECT_THAT(read_log(config).error, HasSubstr("overrides.yaml"));
  files.write(".hydra/config.yaml", "{lr");
  EXPECT_THAT(read_log(config).error, HasSubstr("config.yaml"));
}

}  // namespace
}  // namespace etalon

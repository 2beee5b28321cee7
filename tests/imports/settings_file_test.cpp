// The YAML with tags was written by PyYAML's yaml.dump of the classes named in it.
#include "imports/settings_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imports/sample_logs.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::read_log;
using testing::read_one;
using testing::reader_of;
using testing::SampleLogs;

TEST(SettingsFile, OfLightningHasPlainValuesBehindPythonsTags) {
  const SampleLogs files;
  const auto file = files.write("version_0/hparams.yaml", R"(amp: true
args: !!python/object:argparse.Namespace
  batch_size: 32
  lr: 0.0003
  optimizer: adam
betas: !!python/tuple
- 0.9
- 0.95
opt: !!python/name:torch.optim.adamw.AdamW ''
path: !!python/object/apply:pathlib.PosixPath
- /
- data
seed: 1
)");
  EXPECT_EQ(reader_of(file), "hparams-yaml");
  const LoggedRun run = read_one(file);
  EXPECT_EQ(run.directory, files.path("version_0"));
  EXPECT_EQ(run.state, "");
  EXPECT_THAT(run.curves, IsEmpty());
  EXPECT_THAT(run.settings, ElementsAre(Pair("amp", "true"), Pair("args.batch_size", "32"),
                                        Pair("args.lr", "0.0003"), Pair("args.optimizer", "adam"),
                                        Pair("opt", ""), Pair("seed", "1")));
}

TEST(SettingsFile, OfADictWithAClassHasItsItemsAlone) {
  const SampleLogs files;
  const LoggedRun run = read_one(files.write("hparams.yaml", R"(
!!python/object/new:pytorch_lightning.utilities.parsing.AttributeDict
dictitems:
  batch_size: 64
  optim: !!python/object/new:easydict.EasyDict
    dictitems:
      lr: 0.001
    state:
      lr: 0.001
state:
  batch_size: 64
)"));
  EXPECT_THAT(run.settings, ElementsAre(Pair("batch_size", "64"), Pair("optim.lr", "0.001")));
}

TEST(SettingsFile, KeepsASettingThatIsCalledState) {
  const SampleLogs files;
  const LoggedRun run = read_one(files.write("config.yaml", "state:\n  size: 3\nlr: 0.1\n"));
  EXPECT_THAT(run.settings, ElementsAre(Pair("lr", "0.1"), Pair("state.size", "3")));
}

TEST(SettingsFile, MergesWhatAYamlMapTakesOver) {
  const SampleLogs files;
  const LoggedRun run = read_one(files.write(
      "config.yml", "base: &base {lr: 0.1, seed: 1}\ntrain:\n  <<: *base\n  lr: 0.2\n"));
  EXPECT_THAT(run.settings, ElementsAre(Pair("base.lr", "0.1"), Pair("base.seed", "1"),
                                        Pair("train.lr", "0.2"), Pair("train.seed", "1")));
}

TEST(SettingsFile, OfRayIsJsonWithNestedValues) {
  const SampleLogs files;
  const LoggedRun run = read_one(files.write(
      "trial/params.json",
      R"({"lr": 0.01, "clip": Infinity, "optimizer": {"name": "adam"}, "hidden": [64, 64],
          "amp": false, "resume": null})"));
  EXPECT_THAT(run.settings,
              ElementsAre(Pair("amp", "false"), Pair("clip", "inf"), Pair("lr", "0.01"),
                          Pair("optimizer.name", "adam"), Pair("resume", "")));
}

TEST(SettingsFile, IsNotThatOfWeightsAndBiases) {
  const SampleLogs files;
  const std::string text = "lr:\n  value: 0.1\n";
  const std::string run = "run-20240101_000000-abcdefgh/files/config.yaml";
  EXPECT_EQ(reader_of(files.write("wandb/" + run, text)), "");
  EXPECT_EQ(reader_of(files.write("wandb/offline-" + run, text)), "");
  EXPECT_EQ(reader_of(files.write("files/config.yaml", text)), "hparams-yaml");
}

TEST(SettingsFile, IsRefusedByNameWhereItIsDamaged) {
  const SampleLogs files;
  const std::string deep = std::string(100'000, '[');
  for (const char* name : {"hparams.yaml", "config.json"}) {
    for (const std::string& text : {std::string("{lr: [0.1"), deep}) {
      const auto log = read_log(files.write(name, text));
      EXPECT_THAT(log.error, HasSubstr(name)) << text.substr(0, 20);
      EXPECT_TRUE(log.runs.empty());
    }
  }
}

TEST(SettingsFile, WithAliasesThatMultiplyIsBounded) {
  std::string bomb = "a0: &a0 {x: 1, y: 2}\n";
  for (int i = 1; i < 14; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {p: " + before +
            ", q: " + before + ", r: " + before + ", s: " + before + "}\n";
  }
  const SampleLogs files;
  const LoggedRun run = read_one(files.write("config.yaml", bomb));
  EXPECT_LE(run.settings.size(), LoggedRun::kMostSettings);
}

}  // namespace
}  // namespace etalon

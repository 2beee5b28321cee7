#include "imports/guild.hpp"

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

// Written by PyYAML.
TEST(Guild, HasItsFlagsAsSettingsOfTheRun) {
  const SampleLogs files;
  const auto file = files.write("runs/4f2a/.guild/attrs/flags",
                                "batch-size: 64\nlr: 0.1\nnesterov: true\noptimizer: adam\n");
  EXPECT_EQ(reader_of(file), "guild");
  const LoggedRun run = read_one(file);
  EXPECT_EQ(run.directory, files.path("runs/4f2a"));
  EXPECT_THAT(run.settings, ElementsAre(Pair("batch-size", "64"), Pair("lr", "0.1"),
                                        Pair("nesterov", "true"), Pair("optimizer", "adam")));
  EXPECT_EQ(run.state, "");
}

TEST(Guild, HasItsExitStatusAsStateOfTheRun) {
  const SampleLogs files;
  const auto state_of = [&](std::string_view text) {
    const LoggedRun run = read_one(files.write("run/.guild/attrs/exit_status", text));
    EXPECT_EQ(run.directory, files.path("run"));
    return run.state;
  };
  EXPECT_EQ(state_of("0\n"), "finished");
  EXPECT_EQ(state_of("1"), "failed");
  EXPECT_EQ(state_of("-15\n"), "killed") << "by a signal";
}

TEST(Guild, TakesNoOtherFile) {
  const SampleLogs files;
  EXPECT_EQ(reader_of(files.write("run/.guild/attrs/cmd", "- python\n")), "");
  EXPECT_EQ(reader_of(files.write("run/attrs/flags", "lr: 0.1\n")), "");
}

TEST(Guild, IsRefusedByNameWhereItIsDamaged) {
  const SampleLogs files;
  EXPECT_THAT(read_log(files.write(".guild/attrs/flags", "{lr")).error, HasSubstr("flags"));
  EXPECT_THAT(read_log(files.write(".guild/attrs/exit_status", "?")).error,
              HasSubstr("exit_status"));
}

}  // namespace
}  // namespace etalon

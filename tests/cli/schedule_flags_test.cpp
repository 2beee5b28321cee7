// Every row of the table of schedules has its flags in every command, and its keys in every form of
// a recipe.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/run_command.hpp"
#include "support/schedule_samples.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using testing::run_command;
using testing::SampledTraining;
using testing::ScheduleSample;

std::string flag_of(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

// The key of a setting in a recipe: of a length with its unit.
std::string key_of(const ScheduleSetting& setting) {
  return fmt::format("{}{}", setting.name, setting.is_length() ? "_steps" : "");
}

struct ValueText {
  const ScheduleOptions& options;

  std::string operator()(const NumberSetting& it) const {
    return fmt::format("{}", *(options.*it.value));
  }
  std::string operator()(const CountSetting& it) const {
    return fmt::format("{}", *(options.*it.value));
  }
  std::string operator()(const WordSetting& it) const { return options.*it.value; }
  std::string operator()(const LengthSetting& it) const {
    return fmt::format("{}", (options.*it.value)->amount);
  }
  std::string operator()(const LengthsSetting& it) const {
    std::vector<double> amounts;
    for (const Duration& each : options.*it.value) amounts.push_back(each.amount);
    return fmt::format("{}", fmt::join(amounts, ","));
  }
};

std::vector<std::string> keys_of(const ScheduleOptions& options) {
  std::vector<std::string> keys;
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    if (setting.is_given(options)) keys.push_back(key_of(setting));
  }
  return keys;
}

std::string flags_of(const ScheduleOptions& options) {
  std::string flags = fmt::format("--schedule {}", options.name);
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    if (!setting.is_given(options)) continue;
    flags += fmt::format(" {} {}", flag_of(key_of(setting)),
                         std::visit(ValueText{options}, setting.kind));
  }
  return flags;
}

std::string scaled(const ScheduleOptions& options, const char* format) {
  const auto result = run_command(
      fmt::format("'{}' scale --batch-size 100 --to 100 --lr 0.3 --steps 200 {} --format {} 2>&1",
                  ETALON_BINARY, flags_of(options), format));
  EXPECT_EQ(result.exit_code, 0) << result.output;
  return result.output;
}

// One of each schedule, all settings given, after a warm-up.
std::vector<ScheduleSample> whole_samples() {
  const SampledTraining training;
  std::vector<ScheduleSample> samples;
  for (const ScheduleKind& kind : schedule_kinds()) {
    for (const ScheduleSample& sample : testing::samples_of(kind, training, true)) {
      samples.push_back(testing::with_warmups(sample, training).back());
    }
  }
  return samples;
}

TEST(ScheduleFlags, AreInTheHelpOfEveryCommandThatHasSchedules) {
  for (const char* command : {"train", "scale", "study"}) {
    const std::string help =
        run_command(fmt::format("'{}' {} --help", ETALON_BINARY, command)).output;
    for (const ScheduleSetting& setting : all_schedule_settings()) {
      const bool of_plateau = setting.name.starts_with("plateau");
      if (of_plateau && std::string_view(command) == "study") continue;
      EXPECT_THAT(help, HasSubstr(flag_of(key_of(setting)))) << command;
    }
  }
}

TEST(ScheduleFlags, ComeBackAsKeysOfTomlAndOfJson) {
  for (const ScheduleSample& sample : whole_samples()) {
    const toml::table recipe = toml::parse(scaled(sample.options, "toml"));
    const auto base = nlohmann::json::parse(scaled(sample.options, "json"))["base"];
    EXPECT_EQ(recipe["schedule"].value<std::string>(), sample.options.name);
    EXPECT_EQ(base["schedule"], sample.options.name);
    for (const std::string& key : keys_of(sample.options)) {
      EXPECT_TRUE(recipe.contains(key)) << sample.name << ": " << key;
      EXPECT_TRUE(base.contains(key)) << sample.name << ": " << key;
    }
  }
}

TEST(ScheduleFlags, ComeOutAsLinesOfPyTorch) {
  for (const ScheduleSample& sample : whole_samples()) {
    EXPECT_THAT(scaled(sample.options, "pytorch"), HasSubstr("scheduler = ")) << sample.name;
  }
}

}  // namespace
}  // namespace etalon

// The table of schedules is whole: what one place says, the others know.
#include "schedule/schedule_table.hpp"

#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include "etalon/error.hpp"
#include "support/schedule_samples.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using testing::SampledTraining;
using testing::ScheduleSample;

std::string documentation() {
  const auto root = std::filesystem::path(__FILE__).parent_path() / ".." / "..";
  std::ifstream file(root / "docs" / "schedules.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ScheduleTable, NamesEachScheduleAndEachSettingOnce) {
  std::set<std::string_view> names, settings;
  for (const ScheduleKind& kind : schedule_kinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_TRUE(kind.other_name.empty() || names.insert(kind.other_name).second) << kind.name;
    EXPECT_FALSE(kind.what.empty()) << kind.name;
  }
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    EXPECT_TRUE(settings.insert(setting.name).second) << setting.name;
    EXPECT_FALSE(setting.what.empty()) << setting.name;
  }
}

TEST(ScheduleTable, HasASettingForEachNameAndAScheduleForEachSetting) {
  std::set<std::string> known, used = {"warmup", "warmup_start", "warmup_kind"};
  for (const ScheduleSetting& setting : all_schedule_settings()) known.emplace(setting.name);
  for (const ScheduleKind& kind : schedule_kinds()) {
    std::istringstream words{std::string(kind.settings)};
    for (std::string word; words >> word;) used.insert(word);
  }
  EXPECT_EQ(known, used);
}

TEST(ScheduleTable, ReachesEveryShape) {
  std::set<std::size_t> reached;
  const SampledTraining training;
  for (const ScheduleSample& sample : testing::schedule_samples(training)) {
    reached.insert(fit_schedule(sample.options, 0.3, 200, 100, 10000).shape.index());
  }
  EXPECT_EQ(reached.size(), std::variant_size_v<Shape>);
}

// Validated, fitted, evaluated, written as JSON and read back.
TEST(ScheduleTable, HoldsSchedulesThatAreComplete) {
  const SampledTraining training;
  for (const ScheduleSample& sample : testing::schedule_samples(training)) {
    SCOPED_TRACE(sample.name);
    ASSERT_NO_THROW(sample.options.validate());
    const Schedule schedule = fit_schedule(sample.options, 0.3, 200, 100, 10000);
    for (int step = 0; step < 200; ++step) {
      ASSERT_TRUE(std::isfinite(schedule.lr_at(step)));
    }
    EXPECT_EQ(schedule_from_json(to_json(schedule)), schedule);
  }
}

TEST(ScheduleTable, WritesEverySettingThatCountsIntoTheFingerprint) {
  const SampledTraining training;
  for (const ScheduleSample& sample : testing::schedule_samples(training)) {
    std::set<std::string> written;
    for (const auto& [name, value] : schedule_settings(sample.options)) written.insert(name);
    for (const ScheduleSetting& setting : all_schedule_settings()) {
      const auto* word = std::get_if<WordSetting>(&setting.kind);
      const bool usual = word != nullptr && sample.options.*word->value == word->words.front();
      if (!setting.is_given(sample.options) || usual) continue;
      const std::string name(setting.name == "milestone" ? "milestones" : setting.name);
      EXPECT_TRUE(written.contains(name)) << sample.name << ": " << name;
    }
  }
}

TEST(ScheduleTable, RefusesASettingThatTheScheduleLacks) {
  const SampledTraining training;
  for (const ScheduleKind& kind : schedule_kinds()) {
    for (const ScheduleSetting& setting : all_schedule_settings()) {
      if (kind.has(setting.name)) continue;
      ScheduleOptions options = testing::samples_of(kind, training, false).front().options;
      testing::set_sample(options, training, setting);
      EXPECT_THROW(options.validate(), InputError) << kind.name << " with " << setting.name;
    }
  }
}

// The row of docs/schedules.md that is made of this one.
std::string row_of(const ScheduleKind& kind) {
  std::string settings;
  std::istringstream words{std::string(kind.settings)};
  for (std::string word; words >> word;) {
    settings += (settings.empty() ? "`" : ", `") + word + "`";
  }
  std::string name = "`" + std::string(kind.name) + "`";
  if (!kind.other_name.empty()) name += " (`" + std::string(kind.other_name) + "`)";
  return "| " + name + " | " + std::string(kind.what) + " | " + settings + " | " +
         std::string(kind.source) + " |";
}

TEST(ScheduleTable, IsThatOfTheDocumentation) {
  const std::string page = documentation();
  for (const ScheduleKind& kind : schedule_kinds()) EXPECT_THAT(page, HasSubstr(row_of(kind)));
}

struct DefaultText {
  std::string operator()(const NumberSetting& number) const {
    return fmt::format("{} | {}", number.otherwise, number.range.text());
  }
  std::string operator()(const CountSetting& count) const {
    return fmt::format("{} | whole, {} to {}", count.otherwise, count.least, count.most);
  }
  std::string operator()(const WordSetting& word) const {
    return fmt::format("{} | {}", word.words.front(), fmt::join(word.words, ", "));
  }
  std::string operator()(const LengthSetting&) const { return " | above 0"; }
  std::string operator()(const LengthsSetting&) const { return " | ascending, above 0"; }
};

TEST(ScheduleTable, HasItsSettingsInTheDocumentation) {
  const std::string page = documentation();
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    const std::string row = fmt::format("| `{}` | {} | {} |", setting.name, setting.what,
                                        std::visit(DefaultText{}, setting.kind));
    EXPECT_THAT(page, HasSubstr(row));
  }
}

}  // namespace
}  // namespace etalon

// What the documents say of training: their samples run, and they name everything that there is.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "docs_samples.hpp"
#include "etalon/scaling.hpp"
#include "etalon/schedule_options.hpp"
#include "optim/optimizer.hpp"
#include "schedule/batch_schedule_options.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using testing::blocks;
using ::testing::HasSubstr;
using testing::kSource;
using testing::read;

// Numbers differ between processors and times between runs; the words and the layout do not.
std::string masked(const std::string& text) {
  const std::string numbers = std::regex_replace(text, std::regex("[0-9][0-9.e-]*"), "#");
  return std::regex_replace(numbers, std::regex(" +"), " ");
}

TEST(DocsOnTraining, ShowCommandsThatRunAndPrintWhatIsShown) {
  const auto samples = blocks(read(kSource / "docs" / "train.md"), "console");
  ASSERT_GE(samples.size(), 4u);
  for (const std::string& sample : samples) {
    const testing::TemporaryDirectory directory;
    for (const auto& [command, printed] : testing::steps_of_sample(sample)) {
      const auto result =
          testing::run_command(fmt::format("cd {} && etalon() {{ '{}' \"$@\"; }} && {} 2>/dev/null",
                                           directory.path().string(), ETALON_BINARY, command));
      EXPECT_EQ(result.exit_code, 0) << command;
      EXPECT_EQ(masked(result.output), masked(printed)) << command;
    }
  }
}

TEST(DocsOnTraining, NameEveryBatchSchedule) {
  const std::string page = read(kSource / "docs" / "train.md");
  for (const std::string& name : batch_schedule_names()) {
    EXPECT_THAT(page, HasSubstr(fmt::format("| `{}` |", name)));
  }
}

TEST(DocsOnOptimizers, NameEveryOptimizerWithItsUpdateAndSource) {
  const std::string page = read(kSource / "docs" / "optimizers.md");
  for (const std::string& name : optimizer_names()) {
    const std::regex row(
        fmt::format("\\| `{}` \\| [^|]*w ← [^|]*\\|[^|]*\\| [^|]*[0-9]{{4}}", name));
    const std::regex layerwise(fmt::format("\\| `{}` \\| .*w ← .*\\|.*\\| [^|]*[0-9]{{4}}", name));
    EXPECT_TRUE(std::regex_search(page, row) || std::regex_search(page, layerwise)) << name;
  }
}

TEST(DocsOnRules, GiveEachRuleASectionWithItsSources) {
  const std::string page = read(kSource / "docs" / "scaling.md");
  EXPECT_EQ(scaling_rules().size(), 12u);
  for (const RuleInfo& rule : scaling_rules()) {
    const std::size_t start = page.find(fmt::format("### `{}`\n", rule.name));
    ASSERT_NE(start, std::string::npos) << rule.name;
    const std::string section = page.substr(start, page.find("\n##", start + 1) - start);
    EXPECT_THAT(section, HasSubstr("' = ")) << rule.name;
    const std::string sources(rule.source);
    const std::regex arxiv("arXiv:[0-9.]+[0-9]");
    for (std::sregex_iterator id(sources.begin(), sources.end(), arxiv), end; id != end; ++id) {
      EXPECT_THAT(page, HasSubstr(id->str())) << rule.name;
    }
  }
}

}  // namespace
}  // namespace etalon

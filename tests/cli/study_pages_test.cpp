// docs/study-*.md: their studies take minutes, so they are run here with next to no budget: every
// flag on these pages is one, and the data and models are there.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <regex>
#include <string>

#include "docs_samples.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

// With at most two updates of a trial, at two batch sizes.
std::string shortened_study(std::string command) {
  const auto replace = [&](const char* flag, const char* with) {
    command = std::regex_replace(command, std::regex(std::string(" --") + flag + " \\S+"), with);
  };
  for (const char* budget : {"epochs", "examples"}) replace(budget, " --steps 2");
  replace("batch-sizes", " --batch-sizes 2,4");
  replace("base-batch-size", " --base-batch-size 2");
  replace("validation-size", "");
  replace("warmup-examples", " --warmup-examples 2");
  return command + " --validation-size 20 --quiet";
}

// In place of Debian's: as many columns, of which the last is a digit.
constexpr const char* kDigits =
    "awk 'BEGIN { for (i = 0; i < 200; i++) { for (j = 0; j < 64; j++) printf \"%d,\", rand() * "
    "16; "
    "print i % 10 } }' | gzip > digits.csv.gz";

class StudyPage : public ::testing::TestWithParam<const char*> {};

TEST_P(StudyPage, ShowsStudiesThatRun) {
  const std::string page = testing::read(testing::kSource / "docs" / GetParam());
  const bool needs_text = page.find("text:foldoc") != std::string::npos;
  if (needs_text && !std::filesystem::exists("/usr/share/dictd/foldoc.dict.dz")) {
    ASSERT_EQ(std::getenv("ETALON_NEED_WITNESSES"), nullptr) << "dict-foldoc is needed here";
    GTEST_SKIP() << "needs Debian's package dict-foldoc";
  }
  std::size_t studies = 0;
  const testing::TemporaryDirectory directory;
  for (const std::string& sample : testing::blocks(page, "text")) {
    for (const auto& [command, printed] : testing::steps_of_sample(sample)) {
      ++studies;
      const auto result = testing::run_command(
          fmt::format("cd {} && {} && etalon() {{ '{}' \"$@\" 2>&1; }} && {}",
                      directory.path().string(), kDigits, ETALON_BINARY, shortened_study(command)));
      EXPECT_EQ(result.exit_code, 0) << command << "\n" << result.output;
    }
  }
  EXPECT_GE(studies, 1u);
}

INSTANTIATE_TEST_SUITE_P(Docs, StudyPage,
                         ::testing::Values("study-resnet.md", "study-gpt.md", "study-csv.md"),
                         [](const auto& page) {
                           return std::regex_replace(std::string(page.param), std::regex("\\W"),
                                                     "_");
                         });

}  // namespace
}  // namespace etalon

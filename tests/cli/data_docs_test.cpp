// docs/data.md: its samples run and print what they show, and every kind of source is on it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "data/dataset.hpp"
#include "docs_samples.hpp"
#include "support/python_module.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using testing::kSource;

std::string page() { return testing::read(kSource / "docs" / "data.md"); }

// Numbers differ between processors and times between runs; the words and the layout do not.
std::string words_of(const std::string& text) {
  const std::string numbers = std::regex_replace(text, std::regex("[0-9][0-9.e-]*"), "#");
  return std::regex_replace(numbers, std::regex(" +"), " ");
}

bool is_there(const std::string& command) {
  if (command.find("import numpy") != std::string::npos) {
    return testing::has_python_module("numpy");
  }
  const bool is_packaged = command.find("text:foldoc") != std::string::npos;
  const bool is_installed = std::filesystem::exists("/usr/share/dictd/foldoc.dict.dz");
  if (!is_packaged || is_installed) return true;
  EXPECT_EQ(std::getenv("ETALON_NEED_WITNESSES"), nullptr) << "dict-foldoc is needed here";
  return false;
}

TEST(DocsOnData, ShowCommandsThatPrintWhatIsShown) {
  const auto samples = testing::blocks(page(), "console");
  ASSERT_GE(samples.size(), 6u);
  for (const std::string& sample : samples) {
    const testing::TemporaryDirectory directory;
    for (const auto& [command, printed] : testing::steps_of_sample(sample)) {
      if (!is_there(command)) break;
      const auto result = testing::run_command(
          fmt::format("cd {} && etalon() {{ local command=$1; shift; '{}' $command --quiet \"$@\" "
                      "2>&1; }} && {}",
                      directory.path().string(), ETALON_BINARY, command));
      EXPECT_EQ(words_of(result.output), words_of(printed)) << command;
    }
  }
}

TEST(DocsOnData, NameEveryKindOfSource) {
  for (const std::string& form : data_source_forms()) {
    EXPECT_THAT(page(), HasSubstr(fmt::format("`{}`", form)));
  }
}

}  // namespace
}  // namespace etalon

// docs/data.md and docs/models.md: their samples run and print what they show, and every kind of
// source and of layer is on them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <regex>
#include <string>
#include <utility>

#include "data/dataset.hpp"
#include "docs_samples.hpp"
#include "model/layer_reader.hpp"
#include "support/python_module.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using testing::kSource;

std::string page(const char* name = "data.md") { return testing::read(kSource / "docs" / name); }

// Files that the page shows, each named in its first line: "# thin.toml".
void write_shown_files(const std::string& page, const std::filesystem::path& directory) {
  for (const std::string& block : testing::blocks(page, "toml")) {
    const std::string name = block.substr(2, block.find('\n') - 2);
    std::ofstream(directory / name) << block;
  }
}

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

class DocsOnDataAndModels : public ::testing::TestWithParam<std::pair<const char*, std::size_t>> {};

TEST_P(DocsOnDataAndModels, ShowCommandsThatPrintWhatIsShown) {
  const auto samples = testing::blocks(page(GetParam().first), "console");
  ASSERT_GE(samples.size(), GetParam().second);
  for (const std::string& sample : samples) {
    const testing::TemporaryDirectory directory;
    write_shown_files(page(GetParam().first), directory.path());
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

INSTANTIATE_TEST_SUITE_P(Pages, DocsOnDataAndModels,
                         ::testing::Values(std::pair{"data.md", std::size_t{6}},
                                           std::pair{"models.md", std::size_t{1}}),
                         [](const auto& each) {
                           return std::string(each.param.first, std::strchr(each.param.first, '.'));
                         });

TEST(DocsOnModels, NameEveryKindOfLayerWithItsSettings) {
  const std::string text = page("models.md");
  for (const auto& [kind, keys] : layer_kind_keys()) {
    const std::size_t at = text.find(fmt::format("`{}`", kind), text.find("| `kind` |"));
    ASSERT_NE(at, std::string::npos) << kind;
    const std::size_t start = text.rfind('\n', at);
    const std::string row = text.substr(start, text.find('\n', at) - start);
    for (const std::string& key : keys) EXPECT_THAT(row, HasSubstr(fmt::format("`{}`", key)));
  }
}

TEST(DocsOnData, NameEveryKindOfSource) {
  for (const std::string& form : data_source_forms()) {
    EXPECT_THAT(page(), HasSubstr(fmt::format("`{}`", form)));
  }
}

}  // namespace
}  // namespace etalon

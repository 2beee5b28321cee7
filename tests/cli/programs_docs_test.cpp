// docs/programs.md is what runs: every command shown is run in a directory with the files shown,
// and prints what is shown, numbers apart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "docs_samples.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using testing::blocks;
using testing::kSource;
using testing::read;

// Numbers, and how lines are broken and columns are aligned, depend on the machine.
std::string without_numbers(const std::string& text) {
  const std::string plain = std::regex_replace(text, std::regex("[0-9][-0-9.e:]*"), "#");
  return std::regex_replace(plain, std::regex("\\s+"), " ");
}

// The parts of a sample between the lines that are left out.
std::vector<std::string> parts_of(const std::string& output) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t at = output.find("...\n"); at != std::string::npos;
       at = output.find("...\n", begin)) {
    parts.push_back(output.substr(begin, at - begin));
    begin = at + 4;
  }
  parts.push_back(output.substr(begin));
  return parts;
}

class ProgramsDocument : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::run_command("/usr/bin/python3 -c 'import torch' 2>/dev/null").exit_code != 0) {
      GTEST_SKIP() << "needs Debian's package python3-torch";
    }
    std::filesystem::copy(kSource / "examples/programs/train.py", directory_.path());
    for (const std::string& script : blocks(document_, "sh")) {
      std::ofstream(directory_.path() / script.substr(2, script.find('\n') - 2)) << script;
    }
  }

  std::string run(const std::string& command) const {
    const std::string binary = std::filesystem::path(ETALON_BINARY).parent_path().string();
    const auto result =
        testing::run_command("cd '" + directory_.path().string() + "' && PATH=/usr/bin:'" + binary +
                             "':$PATH && { " + command + "; } 2>&1");
    EXPECT_EQ(result.exit_code, 0) << command << '\n' << result.output;
    return result.output;
  }

  const std::string document_ = read(kSource / "docs" / "programs.md");
  testing::TemporaryDirectory directory_;
};

TEST_F(ProgramsDocument, ShowsWhatRuns) {
  const auto samples = blocks(document_, "console");
  ASSERT_EQ(samples.size(), 4U);
  for (const std::string& sample : samples) {
    const std::size_t end = sample.find('\n');
    ASSERT_TRUE(sample.starts_with("$ etalon "));
    const std::string output = without_numbers(run(sample.substr(2, end - 2)));
    for (const std::string& part : parts_of(sample.substr(end + 1))) {
      EXPECT_THAT(output, ::testing::HasSubstr(without_numbers(part)));
    }
  }
}

}  // namespace
}  // namespace etalon

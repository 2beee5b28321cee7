// The code in the docs is what runs: console samples print what they state, C++ samples are parts
// of the examples that the tests compile and run.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "docs_samples.hpp"
#include "etalon/schedule.hpp"
#include "support/run_command.hpp"

namespace etalon {
namespace {

using testing::blocks;
using testing::kSource;
using testing::read;

void expect_console_samples_hold(const std::string& page) {
  const auto samples = blocks(read(kSource / "docs" / page), "console");
  EXPECT_FALSE(samples.empty());
  for (const std::string& sample : samples) {
    const std::size_t end = sample.find('\n');
    const std::string line = sample.substr(0, end);
    ASSERT_TRUE(line.starts_with("$ etalon ")) << line;
    const std::string command =
        "'" ETALON_BINARY "' " + line.substr(std::string("$ etalon ").size()) + " 2>&1";
    EXPECT_EQ(testing::run_command(command).output, sample.substr(end + 1)) << line;
  }
}

void expect_cpp_samples_are_examples(const std::string& page) {
  std::string examples;
  for (const auto& entry : std::filesystem::directory_iterator(kSource / "examples")) {
    if (entry.path().extension() == ".cpp") examples += read(entry.path());
  }
  const auto samples = blocks(read(kSource / "docs" / page), "cpp");
  EXPECT_FALSE(samples.empty());
  for (const std::string& sample : samples) {
    EXPECT_NE(examples.find(sample), std::string::npos) << "not part of an example:\n" << sample;
  }
}

TEST(DocsOnScaling, HoldWhatTheyShow) {
  expect_console_samples_hold("scaling.md");
  expect_cpp_samples_are_examples("scaling.md");
}

TEST(DocsOnStudies, HoldWhatTheyShow) { expect_console_samples_hold("study.md"); }

TEST(DocsOnSchedules, ShowCodeAndJsonThatAreRun) {
  expect_cpp_samples_are_examples("schedules.md");
  for (const std::string& json : blocks(read(kSource / "docs" / "schedules.md"), "json")) {
    EXPECT_EQ(to_json(schedule_from_json(json)) + "\n", json);
  }
}

}  // namespace
}  // namespace etalon

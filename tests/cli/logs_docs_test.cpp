// docs/logs.md is what runs: every command shown is run on logs that examples/logs/make_logs.py
// writes as the tools write them, and prints what is shown; and the answer is the truth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "docs_samples.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using testing::blocks;
using testing::kSource;
using testing::read;

constexpr double kTrueLr = 0.0024;  // at batch size 1024, as make_logs.py has it

class LogsDocument : public ::testing::Test {
 protected:
  // Logs of every tool, written once for all tests.
  static void SetUpTestSuite() {
    directory_ = std::make_unique<testing::TemporaryDirectory>();
    const std::string script = (kSource / "examples/logs/make_logs.py").string();
    for (const std::string& tool : tools()) {
      const auto written = testing::run_command("cd '" + directory_->path().string() +
                                                "' && PATH=/usr/bin:$PATH python3 '" + script +
                                                "' " + tool + ' ' + tool);
      ASSERT_EQ(written.exit_code, 0) << written.output;
    }
  }
  static void TearDownTestSuite() { directory_.reset(); }

  // What the commands of the page read.
  static std::set<std::string> tools() {
    std::set<std::string> names;
    for (const std::string& sample : samples()) {
      const std::size_t begin = std::string("$ etalon ").size();
      const std::size_t space = sample.find(' ', begin) + 1;
      names.insert(sample.substr(space, sample.find_first_of(" /\n", space) - space));
    }
    return names;
  }
  static std::vector<std::string> samples() {
    return blocks(read(kSource / "docs" / "logs.md"), "console");
  }

  static std::string run(const std::string& command) {
    const std::string binary = fs::path(ETALON_BINARY).parent_path().string();
    const auto result = testing::run_command("cd '" + directory_->path().string() + "' && PATH='" +
                                             binary + "':$PATH && { " + command + "; } 2>&1");
    EXPECT_EQ(result.exit_code, 0) << command << '\n' << result.output;
    return result.output;
  }

  static inline std::unique_ptr<testing::TemporaryDirectory> directory_;
};

std::string command_of(const std::string& sample) {
  return sample.substr(2, sample.find('\n') - 2);
}

// As much of what is printed as the page shows.
std::string beginning_of(const std::string& printed, const std::string& shown) {
  const auto lines = std::count(shown.begin(), shown.end(), '\n');
  std::size_t end = 0;
  for (std::ptrdiff_t i = 0; i < lines && end != std::string::npos; ++i) {
    end = printed.find('\n', end);
    if (end != std::string::npos) ++end;
  }
  return printed.substr(0, end);
}

TEST_F(LogsDocument, ShowsWhatIsPrinted) {
  const auto shown = samples();
  ASSERT_GE(shown.size(), 18U);
  for (const std::string& sample : shown) {
    std::string text = sample.substr(sample.find('\n') + 1);
    if (text.ends_with("...\n")) text.resize(text.size() - 4);
    const std::string printed = beginning_of(run(command_of(sample)), text);
    testing::expect_sample(printed, text, {.relative = 0.03, .places = 1.0}, command_of(sample));
  }
}

TEST_F(LogsDocument, GivesTheTrueLearningRateFromEveryLog) {
  for (const std::string& sample : samples()) {
    const std::string command = command_of(sample);
    if (!command.starts_with("etalon fit ")) continue;
    const auto answer = nlohmann::json::parse(run(command + " --quiet --format json"));
    ASSERT_EQ(answer["groups"].size(), 1U) << command;
    const auto& prediction = answer["groups"][0]["predictions"][0];
    EXPECT_NEAR(std::log2(prediction["lr"].get<double>() / kTrueLr), 0.0, 0.1) << command;
    EXPECT_LT(prediction["lr_low"].get<double>(), kTrueLr) << command;
    EXPECT_GT(prediction["lr_high"].get<double>(), kTrueLr) << command;
  }
}

// The run that was killed half-way had the least loss of all.
TEST_F(LogsDocument, ReadsNoRunThatWasKilled) {
  for (const std::string& sample : samples()) {
    const std::string command = command_of(sample);
    if (!command.starts_with("etalon fit ")) continue;
    const auto answer = nlohmann::json::parse(run(command + " --quiet --format json"));
    for (const auto& optimum : answer["groups"][0]["optima"]) {
      EXPECT_GT(optimum["loss"].get<double>(), 1.95) << command;
    }
  }
}

}  // namespace
}  // namespace etalon

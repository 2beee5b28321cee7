// The code in the docs is what runs: console samples print what they state, C++ samples are parts
// of the examples that the tests compile and run.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <regex>
#include <sstream>
#include <string>

#include "docs_samples.hpp"
#include "etalon/schedule.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"
#include "support/torch.hpp"

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

// Of a loss ½|w − x|² with x of unit covariance in ten dimensions and |w|² = ½, the noise scale is
// 10 / ½ = 20; at w = 0 there is no gradient, and nothing can be told.
TEST(DocsOnScaling, MeasureANoiseScaleInPyTorch) {
  if (!testing::has_torch()) {
    GTEST_SKIP() << "needs Debian's package python3-torch";
  }
  const auto samples = blocks(read(kSource / "docs" / "scaling.md"), "python");
  ASSERT_EQ(samples.size(), 1u);
  const testing::TemporaryDirectory directory;
  std::ofstream(directory.path() / "measure.py") << "import torch\n"
                                                 << samples.front() << R"(
class Mean(torch.nn.Module):
    def __init__(self, value):
        super().__init__()
        self.w = torch.nn.Parameter(torch.full((10,), value))

def loss_of(model, batch):
    return 0.5 * ((model.w - batch) ** 2).sum(1).mean()

torch.manual_seed(1)
for value in (0.05 ** 0.5, 0.0):
    batches = (torch.randn(4, 10) for _ in range(16000))
    print(noise_scale(Mean(value), loss_of, batches, small=4) or 0.0)
)";
  std::istringstream printed(
      testing::run_command("cd " + directory.path().string() + " && /usr/bin/python3 measure.py")
          .output);
  double there = 0, nowhere = 1;
  ASSERT_TRUE(printed >> there >> nowhere);
  EXPECT_NEAR(there, 20, 2);
  EXPECT_EQ(nowhere, 0);
}

// A regret that is as good as none is printed "< 0.0003", with another bound elsewhere.
std::string without_less_than(const std::string& text) {
  return std::regex_replace(text, std::regex("< "), "");
}

// As far as processors without fused multiply-add are from those with it.
constexpr testing::SampleTolerance kOneProcess = {.relative = 0.02, .places = 3};
constexpr testing::SampleTolerance kWorkersTakeTurnsAsTheyPlease = {
    .absolute = std::numeric_limits<double>::infinity()};

// The files that start with their name in a comment, and every command in turn, in one directory.
TEST(DocsOnSuggestions, AreASessionThatRuns) {
  const std::string page = read(kSource / "docs" / "suggest.md");
  const testing::TemporaryDirectory directory;
  for (const char* language : {"sh", "python"}) {
    for (const std::string& file : blocks(page, language)) {
      ASSERT_TRUE(file.starts_with("# ")) << file;
      std::ofstream(directory.path() / file.substr(2, file.find('\n') - 2)) << file;
    }
  }
  const auto commands = std::filesystem::path(ETALON_BINARY).parent_path().string();
  const std::string start =
      "cd '" + directory.path().string() + "' && PATH='" + commands + "':\"$PATH\" && { ";
  bool with_workers = false;
  for (const std::string& sample : blocks(page, "console")) {
    std::istringstream lines(sample);
    std::string shown, printed;
    for (std::string line; std::getline(lines, line);) {
      shown += line + '\n';
      if (!line.starts_with("$ ")) continue;
      printed += line + '\n';
      printed += testing::run_command(start + line.substr(2) + "; } 2>&1").output;
    }
    with_workers = with_workers || shown.find("worker.py") != std::string::npos;
    testing::expect_sample(without_less_than(printed), without_less_than(shown),
                           with_workers ? kWorkersTakeTurnsAsTheyPlease : kOneProcess,
                           shown.substr(0, shown.find('\n')));
  }
  expect_cpp_samples_are_examples("suggest.md");
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

// docs/programs.md is what runs: every command shown is run in a directory with the files shown,
// and prints what is shown, numbers apart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "docs_samples.hpp"
#include "support/run_command.hpp"
#include "support/slurm_cluster.hpp"
#include "support/temporary_directory.hpp"
#include "support/torch.hpp"

namespace etalon {
namespace {

using testing::blocks;
using testing::kSource;
using testing::read;

// What a training comes to depends on the machine, and with it what the answer can say: the forms
// of what is printed are compared, without their numbers, and not the verdicts.
std::string without_numbers(const std::string& text) {
  std::string plain = std::regex_replace(text, std::regex("[0-9][-0-9.e:]*"), "#");
  plain = std::regex_replace(plain, std::regex("(up to )?# (to #|or more)"), "#");
  plain = std::regex_replace(plain, std::regex("in # s$"), "in #");  // "in 59 s", "in 1:02"
  plain = std::regex_replace(plain, std::regex("[✓✗?]|diverged"), "");
  return std::regex_replace(plain, std::regex(" +"), " ");
}

// The lines of what is compared: those of the answer in words are left out.
std::set<std::string> lines_of(const std::string& output) {
  std::set<std::string> lines;
  std::istringstream text(output);
  bool in_answer = false;
  for (std::string line; std::getline(text, line);) {
    in_answer = !line.empty() && (in_answer || line.starts_with("From B=") ||
                                  line.starts_with("At B=") || line.starts_with("Fewer than two"));
    if (!in_answer && line != "..." && !line.empty()) lines.insert(without_numbers(line));
  }
  return lines;
}

class ProgramsDocument : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* language : {"sh", "toml"}) {
      for (const std::string& text : blocks(document_, language)) {
        std::ofstream(directory_.path() / text.substr(2, text.find('\n') - 2)) << text;
      }
    }
  }

  // The commands that the document shows, with what they print: those for a cluster, or the others.
  std::vector<std::string> samples(bool for_a_cluster) const {
    std::vector<std::string> some;
    for (const std::string& sample : blocks(document_, "console")) {
      const std::string command = sample.substr(0, sample.find('\n'));
      const bool is = std::regex_search(command, std::regex(" --(slurm|srun) "));
      if (is == for_a_cluster) some.push_back(sample);
    }
    return some;
  }

  void expect_to_run(const std::string& sample) const {
    const std::size_t end = sample.find('\n');
    ASSERT_TRUE(sample.starts_with("$ ")) << sample;
    const auto output = lines_of(run(sample.substr(2, end - 2)));
    for (const std::string& line : lines_of(sample.substr(end + 1))) {
      EXPECT_TRUE(output.contains(line)) << sample.substr(0, end) << '\n' << line;
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
  if (!testing::has_torch()) {
    GTEST_SKIP() << "needs Debian's package python3-torch";
  }
  std::filesystem::copy(kSource / "examples/programs/train.py", directory_.path());
  const auto shown = samples(false);
  ASSERT_EQ(shown.size(), 8U);
  for (const std::string& sample : shown) expect_to_run(sample);
}

TEST_F(ProgramsDocument, ShowsWhatRunsOnACluster) {
  if (!testing::SlurmCluster::is_installed()) GTEST_SKIP() << "needs Debian's package slurm-wlm";
  const testing::SlurmCluster cluster;
  const auto shown = samples(true);
  ASSERT_EQ(shown.size(), 3U);
  for (const std::string& sample : shown) expect_to_run(sample);
}

}  // namespace
}  // namespace etalon

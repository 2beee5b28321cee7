#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <memory>

#include "core/text.hpp"
#include "etalon/report.hpp"

namespace etalon {
namespace {

std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  std::array<char, 256> chunk{};
  while (std::fgets(chunk.data(), static_cast<int>(chunk.size()), pipe.get()) != nullptr) {
    text += chunk.data();
  }
  return text;
}

TEST(Provenance, QuotesArgumentsSoThatAShellReadsThemBack) {
  for (const std::string argument :
       {"plain", "--out=a/b", "two words", "it's", "$HOME `x` \"q\" \\", "*", ""}) {
    EXPECT_EQ(output_of("printf %s " + shell_quote(argument)), argument);
  }
}

TEST(Provenance, LeavesPlainArgumentsUnquoted) {
  EXPECT_EQ(shell_quote("--batch-sizes=8,16"), "--batch-sizes=8,16");
}

TEST(Provenance, SaysTheCommandTheSeedsAndTheJobs) {
  StudyOptions options;
  options.first_seed = 7;
  options.seeds = 3;
  options.jobs = 5;
  const std::vector<std::string> arguments = {"etalon", "study", "--out", "my study"};
  const Provenance provenance = collect_provenance(arguments, "2.6.3", options);
  EXPECT_EQ(provenance.command_line, "etalon study --out 'my study'");
  EXPECT_EQ(provenance.onednn_version, "2.6.3");
  EXPECT_THAT(provenance.seeds, ::testing::ElementsAre(7, 8, 9));
  EXPECT_EQ(provenance.jobs, 5);
}

TEST(Provenance, KnowsTheMachineAndTheMoment) {
  const Provenance provenance = collect_provenance({}, "", StudyOptions{});
  EXPECT_GE(provenance.machine.processors, 1);
  EXPECT_GT(provenance.machine.memory_bytes, 0);
  EXPECT_THAT(provenance.machine.operating_system, ::testing::HasSubstr("Linux"));
  EXPECT_THAT(provenance.started_utc,
              ::testing::MatchesRegex("20[0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:"
                                      "[0-6][0-9]Z"));
  EXPECT_EQ(provenance.jobs, provenance.machine.processors);
}

}  // namespace
}  // namespace etalon

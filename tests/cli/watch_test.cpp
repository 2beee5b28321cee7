// `etalon watch` and `etalon study --watch` as a user runs them.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/study_command.hpp"
#include "support/program.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Program;
using testing::ProgramResult;
using testing::read_text;
using testing::run_etalon;
using testing::SmallStudy;
using testing::operator+;

namespace fs = std::filesystem;

// What stands in the address that a program printed, once it has.
std::string address_in(const fs::path& file) {
  for (int i = 0; i < 2400; ++i) {
    const std::string text = read_text(file);
    const std::size_t begin = text.find("http://127.0.0.1:");
    if (begin != std::string::npos && text.find('\n', begin) != std::string::npos) {
      return text.substr(begin, text.find_first_of(" \n", begin) - begin);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  return "";
}

// Python's client: what a page says, or nothing.
std::string fetched(const std::string& address) {
  return testing::run_program(
             "/usr/bin/python3",
             {"-c",
              "import sys, urllib.request\n"
              "print(urllib.request.urlopen(sys.argv[1], timeout=30).read().decode())",
              address})
      .out;
}

TEST(Watch, RefusesADirectoryWithoutAStudy) {
  const testing::TemporaryDirectory directory;
  const ProgramResult result = run_etalon({"watch", directory.path().string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("there is no study"));
}

TEST(Watch, RefusesAPortThatIsNone) {
  const SmallStudy small;
  ASSERT_EQ(
      run_etalon(small.study("done", small.settings() + testing::Arguments{"--quiet"})).exit_code,
      0);
  const ProgramResult result =
      run_etalon({"watch", small.path("done").string(), "--port", "70000"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--port is 70000"));
}

TEST(Watch, PrintsAStudyOnceWhereThereIsNoTerminalAndChangesNothing) {
  const SmallStudy small;
  ASSERT_EQ(
      run_etalon(small.study("done", small.settings() + testing::Arguments{"--quiet"})).exit_code,
      0);
  const auto files = [&] {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(small.path("done")))
      names.insert(entry.path().filename());
    return names;
  };
  const auto before = files();
  EXPECT_THAT(before, Not(::testing::Contains("live"))) << "nothing is under way any more";
  const ProgramResult result = run_etalon({"watch", small.path("done").string(), "--terminal"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto summary = nlohmann::json::parse(read_text(small.path("done") / "summary.json"));
  EXPECT_THAT(result.out,
              HasSubstr(fmt::format("Complete: {} trials.\n", summary.at("trials").get<int>())));
  EXPECT_EQ(files(), before);
}

TEST(Watch, ServesAStudyThatIsCompleteUntilItIsStopped) {
  const SmallStudy small;
  ASSERT_EQ(
      run_etalon(small.study("done", small.settings() + testing::Arguments{"--quiet"})).exit_code,
      0);
  Program watch(ETALON_BINARY, {"watch", small.path("done").string(), "--port", "0"});
  const std::string address = address_in(watch.err());
  ASSERT_NE(address, "");
  std::string said;
  for (int i = 0; i < 100 && said.empty(); ++i) said = fetched(address + "study.json");
  const auto study = nlohmann::json::parse(said);
  const auto summary = nlohmann::json::parse(read_text(small.path("done") / "summary.json"));
  EXPECT_EQ(study.at("summary").at("optima"), summary.at("optima"));
  EXPECT_TRUE(study.at("live").at("is_complete"));
  watch.signal(SIGINT);
  EXPECT_EQ(watch.wait().exit_code, 0);
}

// The study and its page, which ends with it.
TEST(StudyWatch, ShowsTheStudyWhileItRuns) {
  const SmallStudy small;
  Program study(ETALON_BINARY,
                small.study("watched", small.slow_settings() + testing::Arguments{"--watch"}));
  const std::string address = address_in(study.err());
  ASSERT_NE(address, "");
  std::string page;
  for (int i = 0; i < 200 && page.empty(); ++i) page = fetched(address);
  EXPECT_THAT(page, HasSubstr("<!doctype html>"));
  EXPECT_EQ(study.wait().exit_code, 0);
  EXPECT_EQ(fetched(address), "") << "it ended with the study";
  const auto summary = nlohmann::json::parse(read_text(small.path("watched") / "summary.json"));
  EXPECT_THAT(summary["provenance"]["reproduce_command"].get<std::string>(),
              Not(HasSubstr("--watch")));
}

// Every learning rate that two seeds ran somewhere, at both batch sizes with both seeds, or
// diverged.
TEST(StudyGrid, RunsEveryPair) {
  const SmallStudy small;
  const auto more = small.settings() + testing::Arguments{"--grid", "--quiet", "--format", "json"};
  const ProgramResult result = run_etalon(small.study("grid", more));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::map<double, std::map<std::int64_t, int>> runs;
  std::set<std::pair<std::int64_t, double>> diverged;
  std::set<double> compared;
  for (const TrialRecord& trial : read_study_file(small.path("grid") / "study.db").trials) {
    const auto& [batch_size, lr, seed, moved] = trial.spec;
    if (trial.result.state == TrialState::diverged) diverged.insert({batch_size, lr});
    if (trial.result.state == TrialState::finished && ++runs[lr][batch_size] >= 2)
      compared.insert(lr);
  }
  ASSERT_FALSE(compared.empty());
  for (const double lr : compared) {
    for (const std::int64_t batch_size : {16, 64}) {
      EXPECT_TRUE(runs[lr][batch_size] >= 2 || diverged.contains({batch_size, lr}))
          << batch_size << " " << lr;
    }
  }
  EXPECT_FALSE(nlohmann::json::parse(result.out).at("study").at("interrupted"));
}

}  // namespace
}  // namespace etalon

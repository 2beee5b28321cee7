// A TOML file in place of flags.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "cli/study_command.hpp"

namespace etalon {
namespace {

using testing::Arguments;
using testing::findings;
using ::testing::HasSubstr;
using testing::ProgramResult;
using testing::read_text;
using testing::run_etalon;
using testing::SmallStudy;
using ::testing::StartsWith;
using testing::operator+;

class StudyToml : public ::testing::Test {
 protected:
  std::string toml(const std::string& text) const {
    const auto path = small_.path("study.toml");
    std::ofstream(path) << text;
    return path.string();
  }

  // The small study's settings as a file.
  std::string settings() const {
    return fmt::format(
        "# pictures\ndataset = \"idx:{}\"\nmodel = \"mlp:4\"\nvalidation_size = 200\n"
        "batch_sizes = [16, 64]\nbase_batch_size = 64\nseeds = 2\n",
        small_.data().string());
  }

  void expect_refusal(const std::string& text, const std::string& message,
                      const std::string& place) const {
    SCOPED_TRACE(text);
    const std::string file = toml(text);
    const ProgramResult result = run_etalon(small_.study("o", {file}));
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, StartsWith("etalon: error: "));
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_THAT(result.err, HasSubstr(place.empty() ? file : file + ":" + place));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
    EXPECT_FALSE(std::filesystem::exists(small_.path("o")));
  }

  SmallStudy small_;
};

TEST_F(StudyToml, GivesTheStudyThatTheFlagsGive) {
  const std::string file = toml(settings() +
                                "examples = 4_000\noptimizer = \"momentum\"\nmomentum = 0.8\n"
                                "lr = 5e-2\nrules = [\"sqrt\", \"linear\"]\nquiet = true\n");
  const ProgramResult from_file = run_etalon(small_.study("file", {file}));
  ASSERT_EQ(from_file.exit_code, 0) << from_file.err;
  EXPECT_EQ(from_file.err, "");
  ASSERT_EQ(
      run_etalon(small_.study("flags", small_.settings() +
                                           Arguments{"--optimizer", "momentum", "--momentum", "0.8",
                                                     "--lr", "0.05", "--rules", "sqrt,linear"}))
          .exit_code,
      0);
  EXPECT_EQ(findings(small_.path("file")), findings(small_.path("flags")));
}

TEST_F(StudyToml, FlagsWinOverItAlsoOverTheBudgetTheyExclude) {
  const std::string file = toml(settings() + "lr = 0.4\nepochs = 50\nformat = \"csv\"\n");
  const Arguments flags = {file, "--lr", "0.1", "--examples", "4000"};
  ASSERT_EQ(run_etalon(small_.study("file", flags)).exit_code, 0);
  ASSERT_EQ(run_etalon(small_.study("flags", small_.settings())).exit_code, 0);
  EXPECT_EQ(findings(small_.path("file")), findings(small_.path("flags")));
}

TEST_F(StudyToml, IsRefusedWithFileAndLineWhenItSaysWhatNoFlagSays) {
  expect_refusal("seeds = 2\nlearning_rate = 0.1\n", "there is no setting 'learning_rate'", "2");
  expect_refusal("help = true\n", "there is no setting 'help'", "1");
  expect_refusal("h = true\n", "there is no setting 'h'", "1");
  expect_refusal("FILE = \"other.toml\"\n", "there is no setting 'FILE'", "1");
  expect_refusal("\"\" = 1\n", "there is no setting ''", "1");
  expect_refusal("[study]\nseeds = 2\n", "there is no setting 'study'", "1");
  expect_refusal("study.seeds = 2\n", "there is no setting 'study'", "1");
  expect_refusal("[lr]\nvalue = 2\n", "'lr' is neither text nor number", "1");
  expect_refusal("\nlr = 1979-05-27\n", "'lr' is neither text nor number", "2");
  expect_refusal("lr = true\n", "'lr' is neither text nor number", "1");
  expect_refusal("lr = [0.1, 0.2]\n", "'lr' is a list", "1");
  expect_refusal("batch_sizes = []\n", "'batch_sizes' is empty", "1");
  expect_refusal("batch_sizes = [[8], [16]]\n", "'batch_sizes' is neither text nor number", "1");
  expect_refusal("quiet = \"yes\"\n", "'quiet' is neither true nor false", "1");
  expect_refusal("batch_sizes = [8]\nbatch-sizes = [16]\n", "is set twice", "");
}

TEST_F(StudyToml, IsRefusedWithItsNameWhenAValueIsWrong) {
  expect_refusal("seeds = \"three\"\n", "--seeds: 'three' is not a whole number", "");
  expect_refusal("seeds = 2.5\n", "--seeds: '2.5' is not a whole number", "");
  expect_refusal("batch_sizes = [8, \"x\"]\n", "--batch-sizes: 'x' is not a whole number", "");
  expect_refusal("rules = [\"cube\"]\n", "--rules: 'cube' is none of fixed, sqrt, linear", "");
  expect_refusal("steps = 5\nepochs = 1\n", "excludes", "");
}

TEST_F(StudyToml, IsRefusedWhenItIsNoToml) {
  expect_refusal("seeds = 2\nlr = \n", "", "2");
  expect_refusal("seeds = 2\nseeds = 3\n", "", "2");
  expect_refusal("seeds: 2\n", "", "1");
  expect_refusal("lr = 0.1 # \xff\n", "", "1");
  const std::string missing = small_.path("missing.toml").string();
  const std::string directory = small_.data().string();
  for (const auto& [file, said] :
       {std::pair(missing, "there is no settings file '" + missing + "'"),
        std::pair(directory, "'" + directory + "' is no regular file")}) {
    const ProgramResult result = run_etalon(small_.study("o", {file}));
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr(said));
  }
}

// The file that docs/study.md shows, on the data that it names.
TEST_F(StudyToml, RunsAsDocumented) {
  const std::string page = read_text(std::filesystem::path(ETALON_SOURCE_DIR) / "docs/study.md");
  const std::string fence = "```toml\n";
  const auto start = page.find(fence) + fence.size();
  const std::string text = page.substr(start, page.find("```", start) - start);
  const ProgramResult result =
      run_etalon(small_.study("o", {toml(text), "--format", "json", "--quiet"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto summary = nlohmann::json::parse(result.out);
  EXPECT_EQ(summary["study"]["settings"]["optimizer"], "momentum");
  EXPECT_EQ(summary["study"]["batch_sizes"], (std::vector<int>{32, 128}));
  EXPECT_EQ(summary["optima"].size(), 2u);
}

// Every flag of the help is on the page, and every flag of the page is in the help.
TEST(StudyPage, DocumentsEveryFlag) {
  const std::string page = read_text(std::filesystem::path(ETALON_SOURCE_DIR) / "docs/study.md");
  const std::string help = run_etalon({"study", "--help"}).out;
  const auto flags = [](const std::string& text) {
    std::set<std::string> found;
    for (std::size_t at = text.find("--"); at != std::string::npos; at = text.find("--", at + 2)) {
      const auto end = text.find_first_not_of("-abcdefghijklmnopqrstuvwxyz0123456789", at);
      if (end > at + 3 && text[at + 2] != '-') found.insert(text.substr(at, end - at));
    }
    return found;
  };
  const std::size_t of_programs = help.find("usage: etalon study [FLAGS] -- COMMAND");
  ASSERT_NE(of_programs, std::string::npos);
  EXPECT_EQ(flags(page), flags(help.substr(0, of_programs)));
  const auto documented =
      flags(read_text(std::filesystem::path(ETALON_SOURCE_DIR) / "docs/programs.md"));
  for (const std::string& flag : flags(help.substr(of_programs))) {
    EXPECT_TRUE(documented.contains(flag)) << flag;
  }
}

}  // namespace
}  // namespace etalon

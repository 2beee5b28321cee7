// docs/statistics.md says what the sources do: every constant of the statistics' rooms stands there
// with its value, and every test that it names exists.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace etalon {
namespace {

namespace fs = std::filesystem;

const fs::path kSources = ETALON_SOURCE_DIR;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::vector<std::string>> matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::vector<std::vector<std::string>> result;
  for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match) {
    result.emplace_back(match->begin(), match->end());
  }
  return result;
}

constexpr const char* kRooms[] = {"optimum", "surface", "law", "plan", "ask"};
// Options whose defaults are statistics.
constexpr const char* kOptions[] = {"src/surface/surface_energy.hpp", "include/etalon/optimum.hpp",
                                    "include/etalon/regret.hpp", "include/etalon/pruning.hpp"};
// Of rooms whose other constants are none.
constexpr const char* kFiles[] = {"src/campaign/pruning.cpp", "src/runs/scattered_runs.cpp",
                                  "src/runs/course_choice.cpp", "src/study/verdict_seeds.cpp"};

// By "file kName".
using Constants = std::map<std::string, std::string>;

std::string on_one_line(const std::string& text) {
  return std::regex_replace(std::regex_replace(text, std::regex(R"(\s+)"), " "),
                            std::regex(R"(\{ )"), "{");
}

// Whatever is constexpr and has a digit in its value, but for tables with words in them.
void add_constants(const std::string& file, Constants& constants) {
  const std::string pattern =
      R"re(constexpr [^;={}()"]*\b(k[A-Z]\w*)(?:\[\w*\])?\s*=\s*([^;"]*[0-9][^;"]*);)re";
  for (const auto& match : matches(text_of(kSources / file), pattern)) {
    constants[file + " " + match[1]] = on_one_line(match[2]);
  }
}

void add_defaults(const std::string& file, Constants& constants) {
  for (const auto& match :
       matches(text_of(kSources / file), R"(\n  double (\w+) = ([0-9.]*[1-9][0-9.]*);)")) {
    constants[file + " " + match[1]] = match[2];
  }
}

Constants constants_of_sources() {
  Constants constants;
  for (const char* room : kRooms) {
    for (const auto& entry : fs::directory_iterator(kSources / "src" / room)) {
      add_constants(fs::relative(entry.path(), kSources).string(), constants);
    }
  }
  for (const char* file : kFiles) add_constants(file, constants);
  for (const char* file : kOptions) add_defaults(file, constants);
  return constants;
}

std::string document() { return text_of(kSources / "docs" / "statistics.md"); }

Constants constants_of_document() {
  Constants constants;
  for (const auto& match :
       matches(document(), R"(\n\| `(\w+)` \| ([^|]+) \| ((?:src|include)/[^ ]+) \|)")) {
    constants[match[3] + " " + match[1]] = match[2];
  }
  return constants;
}

TEST(StatisticsDocument, HoldsEveryConstantWithItsValueAndNoOther) {
  const Constants constants = constants_of_sources();
  EXPECT_GT(constants.size(), 60u);
  EXPECT_THAT(constants_of_document(), ::testing::ContainerEq(constants));
}

// "Suite.Name" and "Suite.*", as tests of these rooms are declared.
TEST(StatisticsDocument, NamesTestsThatExist) {
  std::set<std::string> tests;
  std::vector<std::string> rooms(std::begin(kRooms), std::end(kRooms));
  rooms.insert(rooms.end(), {"campaign", "runs", "study"});
  for (const std::string& room : rooms) {
    for (const auto& entry : fs::directory_iterator(kSources / "tests" / room)) {
      if (!entry.is_regular_file()) continue;
      for (const auto& match :
           matches(text_of(entry.path()), R"(TEST(?:_P|_F)?\(\s*(\w+),\s*(\w+)\))")) {
        tests.insert(match[1] + "." + match[2]);
        tests.insert(match[1] + ".*");
      }
    }
  }
  const auto named = matches(document(), R"([`'](([A-Z]\w+)\.(\w+|\*))[`'])");
  EXPECT_GT(named.size(), 60u);
  for (const auto& match : named) EXPECT_TRUE(tests.contains(match[1])) << match[1];
}

// A row without a reason or a test is no help.
TEST(StatisticsDocument, GivesEveryConstantAReasonAndATest) {
  for (const auto& match :
       matches(document(),
               R"(\n\| `(\w+)` \| [^|]+ \| (?:src|include)/[^|]+ \| ([^|]*) \| ([^|]*) \|)")) {
    EXPECT_GT(match[2].size(), 8u) << match[1];
    EXPECT_THAT(match[3], ::testing::StartsWith("`")) << match[1];
  }
  EXPECT_EQ(
      matches(document(), R"(\n\| `\w+` \|)").size(),
      matches(document(), R"(\n\| `\w+` \| [^|]+ \| (?:src|include)/[^|]+ \| [^|]+ \| `[^|]+` \|)")
          .size());
}

}  // namespace
}  // namespace etalon

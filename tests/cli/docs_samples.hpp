// The documentation's fenced blocks, for tests that run them.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace etalon::testing {

inline const std::filesystem::path kSource = ETALON_SOURCE_DIR;

inline std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The contents of the fenced blocks of one language.
inline std::vector<std::string> blocks(const std::string& markdown, const std::string& language) {
  std::vector<std::string> found;
  const std::string open = "\n```" + language + "\n";
  for (std::size_t at = markdown.find(open); at != std::string::npos;
       at = markdown.find(open, at + 1)) {
    const std::size_t start = at + open.size();
    found.push_back(markdown.substr(start, markdown.find("\n```", start) + 1 - start));
  }
  return found;
}

struct SampleStep {
  std::string command;
  std::string printed;
};

// A sample's commands, each with what it prints; a command goes on after a backslash.
inline std::vector<SampleStep> steps_of_sample(const std::string& sample) {
  std::vector<SampleStep> steps;
  std::istringstream lines(sample);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("$ ")) {
      if (!steps.empty()) steps.back().printed += line + "\n";
      continue;
    }
    std::string command = line.substr(2);
    while (command.ends_with("\\") && std::getline(lines, line)) {
      command.pop_back();
      command += line;
    }
    steps.push_back({command, ""});
  }
  return steps;
}

inline const std::regex& number_pattern() {
  static const std::regex pattern("[0-9]+([.][0-9]+)?(e[-+]?[0-9]+)?");
  return pattern;
}

// With # for each number and one blank for each gap, since the width of numbers moves columns and
// the ends of lines.
inline std::string words_of_sample(const std::string& text) {
  const std::string masked = std::regex_replace(text, number_pattern(), "#");
  return std::regex_replace(masked, std::regex("\\s+"), " ");
}

inline std::vector<std::string> numbers_of_sample(const std::string& text) {
  const std::sregex_iterator begin(text.begin(), text.end(), number_pattern()), end;
  std::vector<std::string> numbers;
  for (auto match = begin; match != end; ++match) numbers.push_back(match->str());
  return numbers;
}

// One in the last place of "0.38" is 0.01, of "3.2e-06" 1e-7.
inline double last_place(const std::string& number) {
  const auto exponent = number.find('e');
  const std::string digits = number.substr(0, exponent);
  const auto point = digits.find('.');
  const auto decimals = point == std::string::npos ? 0 : digits.size() - point - 1;
  const double scale = exponent == std::string::npos ? 0 : std::stod(number.substr(exponent + 1));
  return std::pow(10.0, scale - static_cast<double>(decimals));
}

// How much numbers may differ, as those of two kinds of processor do, whose sums round differently.
struct SampleTolerance {
  double relative = 0.0;
  double places = 0.0;    // in the last place that the sample shows
  double absolute = 0.0;  // below which a number says only that it is small
};

inline bool agree(const std::string& printed, const std::string& shown,
                  const SampleTolerance& tolerance) {
  const double a = std::stod(printed), b = std::stod(shown);
  return std::abs(a - b) <= std::max({tolerance.relative * std::max(a, b), tolerance.absolute,
                                      tolerance.places * last_place(shown) * 1.000001});
}

// Words exactly, numbers to the tolerance.
inline void expect_sample(const std::string& printed, const std::string& shown,
                          const SampleTolerance& tolerance, const std::string& what) {
  EXPECT_EQ(words_of_sample(printed), words_of_sample(shown)) << what;
  const auto here = numbers_of_sample(printed), there = numbers_of_sample(shown);
  for (std::size_t i = 0; i < std::min(here.size(), there.size()); ++i) {
    EXPECT_TRUE(agree(here[i], there[i], tolerance))
        << what << ": " << here[i] << ", not " << there[i];
  }
}

}  // namespace etalon::testing

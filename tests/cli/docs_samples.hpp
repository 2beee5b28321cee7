// The documentation's fenced blocks, for tests that run them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
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

}  // namespace etalon::testing

// A page as headless Chromium leaves it once its scripts have run.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "core/text.hpp"
#include "etalon/report.hpp"
#include "support/temporary_directory.hpp"

namespace etalon::testing {

struct Visit {
  int status = -1;
  std::string dom;  // the document at the end
  std::string log;  // what the browser said, its console among it
};

struct Window {
  int width = 1280;
  int height = 900;
  std::string hash;  // the address after the #
};

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Opens `page` with a profile of its own. Fails the test when the browser does not come up.
inline Visit visit(const std::filesystem::path& page, const Window& window) {
  const TemporaryDirectory scratch;
  const auto path = [&](const char* name) { return (scratch.path() / name).string(); };
  const std::string command =
      "HOME=" + shell_quote(path("home")) +
      " timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
      " --disable-background-networking --disable-component-update --disable-sync"
      " --disable-dev-shm-usage --enable-logging=stderr --virtual-time-budget=4000 "
      "--user-data-dir=" +
      shell_quote(path("profile")) + " --window-size=" + std::to_string(window.width) + "," +
      std::to_string(window.height) + " --dump-dom " +
      shell_quote("file://" + page.string() + "#" + window.hash) + " >" + shell_quote(path("dom")) +
      " 2>" + shell_quote(path("log"));
  Visit result;
  const int status = std::system(command.c_str());
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  result.dom = slurp(path("dom"));
  result.log = slurp(path("log"));
  EXPECT_EQ(result.status, 0) << "chromium (packages-test.txt) did not run:\n" << result.log;
  return result;
}

// The drawing of the chart `id`; empty when there is none.
inline std::string drawing(const std::string& dom, const std::string& id) {
  const auto at = dom.find("id=\"" + id + "-chart\"");
  if (at == std::string::npos) return "";
  const auto begin = dom.find("<svg", at);
  const auto end = dom.find("</svg>", at);
  if (begin == std::string::npos || end == std::string::npos) return "";
  return dom.substr(begin, end - begin);
}

// The markup inside the element `id`, up to the next end tag.
inline std::string shown(const std::string& dom, const std::string& id) {
  const auto begin = dom.find('>', dom.find(" id=\"" + id + "\""));
  return begin == std::string::npos ? "" : dom.substr(begin + 1, dom.find("</", begin) - begin - 1);
}

inline std::ptrdiff_t count_of(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  return std::distance(std::sregex_iterator(text.begin(), text.end(), regex), {});
}

// Data lines: drawn two wide, where axes and grids are one wide.
inline std::ptrdiff_t lines_in(const std::string& svg) {
  return count_of(svg, "<path[^>]* fill=\"none\"[^>]* stroke-width=\"2\"");
}

// The value of `data-<name>` on the document's root.
inline std::string root_data(const std::string& dom, const std::string& name) {
  std::smatch match;
  const std::regex regex("<html[^>]* data-" + name + "=\"([^\"]*)\"");
  return std::regex_search(dom, match, regex) ? match[1].str() : "";
}

}  // namespace etalon::testing

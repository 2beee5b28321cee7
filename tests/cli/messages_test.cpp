// Messages on standard error, as a terminal shows them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "support/program.hpp"

namespace etalon::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::SizeIs;

// A terminal of so many columns that nobody sits at.
class Terminal {
 public:
  explicit Terminal(unsigned short columns) {
    winsize size{};
    size.ws_col = columns;
    size.ws_row = 40;
    std::array<char, 256> name{};
    if (openpty(&keyboard_, &screen_, name.data(), nullptr, &size) != 0) {
      throw std::runtime_error("no terminal can be made");
    }
    path_ = name.data();
  }
  ~Terminal() {
    close(keyboard_);
    close(screen_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  const std::string& path() const { return path_; }
  // What stands on it, as far as one read goes, which is a few thousand characters.
  std::vector<std::string> lines() const {
    std::array<char, 4096> text{};
    const ssize_t size = read(keyboard_, text.data(), text.size());
    std::istringstream stream(
        std::string(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))));
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
      line.erase(std::remove(line.begin(), line.end(), '\r'), line.end());
      lines.push_back(line);
    }
    return lines;
  }

 private:
  int keyboard_ = -1, screen_ = -1;
  std::string path_;
};

const std::vector<std::string> kMistyped = {"train", "--optimizer", "adamx"};

TEST(Messages, EndWhereTheTerminalDoes) {
  const Terminal terminal(60);
  ProgramOptions options;
  options.standard_error = terminal.path();
  EXPECT_EQ(run_program(ETALON_BINARY, kMistyped, options).exit_code, 2);
  const auto lines = terminal.lines();
  EXPECT_GT(lines.size(), 1u);
  for (const std::string& line : lines) EXPECT_THAT(line, SizeIs(Le(60u)));
  EXPECT_THAT(lines.front(), HasSubstr("etalon: error: "));
}

// As what reads it expects.
TEST(Messages, AreOneLineInAFile) {
  const std::string message = run_program(ETALON_BINARY, kMistyped).err;
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 1);
  EXPECT_THAT(message, HasSubstr("did you mean adam or adamw?"));
}

}  // namespace
}  // namespace etalon::testing

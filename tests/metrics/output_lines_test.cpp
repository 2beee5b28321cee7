// Lines out of whatever a program prints, however it comes in pieces.
#include "metrics/output_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace etalon {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> lines_of(std::string_view bytes, std::size_t piece) {
  std::vector<std::string> lines;
  OutputLines reader([&](std::string_view line) { lines.emplace_back(line); });
  for (std::size_t i = 0; i < bytes.size(); i += piece) reader.take(bytes.substr(i, piece));
  reader.finish();
  return lines;
}

TEST(OutputLines, AreTheSameInPiecesOfAnySize) {
  const std::string_view text = "one\ntwo\r\n\x1b[31mred\x1b[0m\r 50%|##  |\r100%|####|\nlast";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, text.size()}) {
    EXPECT_THAT(lines_of(text, piece),
                ElementsAre("one", "two", "red", " 50%|##  |", "100%|####|", "last"))
        << piece;
  }
}

TEST(OutputLines, TakeBackWhatABackspaceTakesBack) {
  EXPECT_THAT(lines_of("loss 9\b\b\b\b\b\bloss 1\n", 3), ElementsAre("loss 1"));
  EXPECT_THAT(lines_of("\b\bx\n", 3), ElementsAre("x"));
}

TEST(OutputLines, LeaveOutEscapesAndControlCharacters) {
  EXPECT_THAT(lines_of("\x1b]0;title\aloss\x1b[1;32m 1\x1b[K\x01\x7f\n", 1),
              ElementsAre("loss 1\x7f"));
  EXPECT_THAT(lines_of("\x1b[31\nloss 1\n", 1), ElementsAre("loss 1"));
}

TEST(OutputLines, CutALineThatDoesNotEnd) {
  const std::string long_line(10'000'000, 'x');
  const auto lines = lines_of(long_line + "\nloss 1\n", 4096);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].size(), OutputLines::kLongest);
  EXPECT_EQ(lines[1], "loss 1");
}

}  // namespace
}  // namespace etalon

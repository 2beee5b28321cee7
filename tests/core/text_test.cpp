#include "core/text.hpp"

#include <gmock/gmock.h>

namespace etalon {
namespace {

TEST(Printable, TakesAwayWhatATerminalWouldActOn) {
  EXPECT_EQ(printable("\x1b[31mred\x1b[0m"), "?[31mred?[0m");
  EXPECT_EQ(printable("a\nb\tc\rd\x7f"), "a?b?c?d?");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "?31m");  // CSI as one character
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b\xe2\x80\xa8"
                      "c"),
            "a?b?c");  // right to left, line end
}

TEST(Printable, KeepsTextOfAllLanguages) {
  for (const char* text : {"η = 0.1, κ² · 3", "学習率", "naïve", "🙂", ""}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, ShowsBytesThatAreNoTextAsQuestionMarks) {
  EXPECT_EQ(printable("\xff"
                      "a\x9b"
                      "b"),
            "?a?b");
  EXPECT_EQ(printable("\xc0\xaf"), "??");            // an overlong slash
  EXPECT_EQ(printable("\xed\xa0\x80"), "???");       // half of a pair
  EXPECT_EQ(printable("\xe2\x82"), "??");            // cut
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "????");  // past the last character
}

TEST(Shortened, LeavesShortTextAndCutsLongText) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "ab…");
  EXPECT_EQ(shortened("ηηηη", 3), "ηη…");
  EXPECT_EQ(columns_of(shortened(std::string(10'000'000, 'x'))), 60u);
}

TEST(Wrap, BreaksAtSpacesOnly) {
  EXPECT_THAT(wrap("one two three", 7), ::testing::ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("a incomprehensible b", 5),
              ::testing::ElementsAre("a", "incomprehensible", "b"));
}

TEST(Text, CountsOneAndMany) {
  EXPECT_EQ(counted(1, "trial"), "1 trial");
  EXPECT_EQ(counted(0, "trial"), "0 trials");
  EXPECT_EQ(counted(12, "trial"), "12 trials");
}

}  // namespace
}  // namespace etalon

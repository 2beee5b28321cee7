// Paragraphs, tables and colours as they are laid out.
#include "report/text_layout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/text.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr TextStyle kNarrow = {.width = 40, .color = false};

TEST(Paragraph, BreaksAtSpacesWithinTheWidth) {
  EXPECT_EQ(paragraph("one two three four five six seven eight nine", kNarrow),
            "one two three four five six seven eight\nnine\n");
}

TEST(Paragraph, IndentsItsFirstLineAndHangsTheOthers) {
  EXPECT_EQ(paragraph("one two three four five six seven eight nine", kNarrow, Tone::plain, 2, 4),
            "  one two three four five six seven\n      eight nine\n");
}

// η* is two columns, in three bytes.
TEST(Paragraph, CountsColumnsAndNotBytes) {
  std::string text;
  for (int i = 0; i < 13; ++i) text += "η* ";
  EXPECT_EQ(paragraph(text, kNarrow), text.substr(0, text.size() - 1) + "\n");
}

TEST(Paragraph, PaintsEachLineAloneAndOnlyWhereThereIsColour) {
  const std::string text = "one two three four five six seven eight nine";
  EXPECT_THAT(paragraph(text, kNarrow, Tone::good), Not(HasSubstr("\x1b")));
  EXPECT_EQ(paragraph(text, {.width = 40, .color = true}, Tone::good),
            "\x1b[32mone two three four five six seven eight\x1b[0m\n\x1b[32mnine\x1b[0m\n");
  EXPECT_EQ(painted(Tone::plain, "as it is", {.width = 40, .color = true}), "as it is");
}

Column keys() { return {.head = "B", .cells = {"8", "1024"}}; }

TEST(Table, SetsNumbersToTheRightAndWordsToTheLeft) {
  const ColumnGroup group = {{.head = "lr", .cells = {"0.1", "0.05"}},
                             {.head = "rule", .cells = {"sqrt", "no"}, .left = true}};
  EXPECT_EQ(table(keys(), {group}, kNarrow),
            "   B    lr rule\n"
            "   8   0.1 sqrt\n"
            "1024  0.05 no\n\n");
}

// Groups of 15 columns beside keys of 4: two fit into 40, the third stands below.
TEST(Table, BreaksBetweenGroupsWhereItIsTooWide) {
  std::vector<ColumnGroup> groups;
  for (const char* name : {"first", "second", "third"}) {
    groups.push_back({{.head = name, .cells = {"1.234567890123", "2"}}});
  }
  const std::string text = table(keys(), groups, kNarrow);
  EXPECT_LT(text.find("second"), text.find("1024"));
  EXPECT_GT(text.find("third"), text.find("1024"));
  const std::string below = text.substr(text.find("\n\n"));
  EXPECT_THAT(below, HasSubstr("B           third\n"));
  EXPECT_THAT(below, HasSubstr("1024               2\n"));
}

TEST(Table, ShowsAGroupThatIsWiderThanTheTerminalAlone) {
  const ColumnGroup wide = {{.head = std::string(50, 'x'), .cells = {"1", "2"}}};
  const std::string text = table(keys(), {wide, wide}, kNarrow);
  EXPECT_EQ(std::count(text.begin(), text.end(), 'B'), 2);
}

TEST(Table, PaintsCellsOutsideOfTheirPadding) {
  const Column tones = {.head = "x", .cells = {"ok", "bad"}, .tones = {Tone::good, Tone::bad}};
  const std::string text = table(keys(), {{tones}}, {.width = 40, .color = true});
  EXPECT_THAT(text, HasSubstr("\x1b[32m ok\x1b[0m"));
  EXPECT_THAT(text, HasSubstr("\x1b[31mbad\x1b[0m"));
}

// Nothing that is no terminal has a width or colours of its own.
TEST(TextStyle, IsEightyColumnsWithoutColourWhereThereIsNoTerminal) {
  std::FILE* file = std::tmpfile();
  const TextStyle style = text_style(file);
  std::fclose(file);
  EXPECT_EQ(style.width, 80u);
  EXPECT_FALSE(style.color);
}

}  // namespace
}  // namespace etalon

#include "core/csv.hpp"

#include <gtest/gtest.h>

namespace etalon {
namespace {

TEST(CsvField, IsQuotedOnlyWhereItNeedsIt) {
  EXPECT_EQ(csv_field(""), "");
  EXPECT_EQ(csv_field("AdamW, no decay"), "\"AdamW, no decay\"");
  EXPECT_EQ(csv_field("plain text"), "plain text");
}

TEST(CsvField, DoublesQuotesAndKeepsLineEnds) {
  EXPECT_EQ(csv_field("he said \"no\""), "\"he said \"\"no\"\"\"");
  EXPECT_EQ(csv_field("two\r\nlines"), "\"two\r\nlines\"");
}

// A spreadsheet runs what begins like this.
TEST(CsvField, IsNoFormula) {
  EXPECT_EQ(csv_field("=1+1"), "'=1+1");
  EXPECT_EQ(csv_field("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(csv_field("+cmd|' /C calc'!A0"), "'+cmd|' /C calc'!A0");
  EXPECT_EQ(csv_field("-2+3,4"), "\"'-2+3,4\"");
  EXPECT_EQ(csv_field("\t=1"), "'\t=1");
}

TEST(CsvField, MakesNoTerminalAct) {
  EXPECT_EQ(csv_field("\x1b[31mred\x07\x7f"), "?[31mred??");
  EXPECT_EQ(csv_field("größe"), "größe");
}

TEST(CsvField, LeavesNumbersAlone) {
  for (const char* number : {"-1", "+0.5", "-1e-3", "-inf", "-nan", "1e999", "-0"}) {
    EXPECT_EQ(csv_field(number), number);
  }
}

}  // namespace
}  // namespace etalon

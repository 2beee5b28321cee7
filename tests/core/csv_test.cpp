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

}  // namespace
}  // namespace etalon

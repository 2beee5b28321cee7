#include "runs/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Table read(const std::string& text) {
  std::istringstream input(text);
  return read_table(input, "runs");
}

std::string message_of(const std::string& text) {
  try {
    read(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Table, ReadsQuotedFieldsAndBothLineEnds) {
  const Table table = read("a,b\r\n\"x, \"\"y\"\"\",1\n\n2,\n");
  EXPECT_THAT(table.columns, ElementsAre("a", "b"));
  EXPECT_THAT(table.rows, ElementsAre(ElementsAre("x, \"y\"", "1"), ElementsAre("2", "")));
  EXPECT_THAT(table.lines, ElementsAre(2, 4));
}

TEST(Table, ReadsJsonLinesWithColumnsThatAppearLate) {
  const Table table = read("{\"lr\": 0.1}\n{\"lr\": 0.2, \"loss\": NaN, \"name\": \"NaN way\"}\n");
  EXPECT_THAT(table.columns, ElementsAre("lr", "loss", "name"));
  EXPECT_THAT(table.rows,
              ElementsAre(ElementsAre("0.1", "", ""), ElementsAre("0.2", "nan", "NaN way")));
}

TEST(Table, NamesTheLineOfAShortRow) {
  EXPECT_THAT(message_of("a,b\n1,2\n3\n"), HasSubstr("runs:3"));
}

TEST(Table, NamesTheLineThatIsNoObject) {
  EXPECT_THAT(message_of("{\"a\": 1}\n[1]\n"), HasSubstr("runs:2"));
}

TEST(Table, RefusesAFileWithoutRows) {
  EXPECT_THAT(message_of("a,b\n"), HasSubstr("no rows"));
  EXPECT_THAT(message_of(""), HasSubstr("no rows"));
}

TEST(Table, ReadsWhatASpreadsheetSaved) {
  EXPECT_THAT(read("\xEF\xBB\xBF"
                   "a,b\r\n1,2\r\n")
                  .columns,
              ElementsAre("a", "b"));
}

TEST(Table, NamesTheLineWhereAQuoteIsNeverClosed) {
  EXPECT_THAT(message_of("a,b\n1,2\n\"3,4\n5,6\n"), HasSubstr("a quote is never closed, runs:3"));
}

}  // namespace
}  // namespace etalon

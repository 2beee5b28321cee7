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

TEST(Table, TrimsNamesAndFields) {
  const Table table = read(" a ,b\t\r\n 1 , \"x, y\" \n");
  EXPECT_THAT(table.columns, ElementsAre("a", "b"));
  EXPECT_THAT(table.rows, ElementsAre(ElementsAre("1", "x, y")));
}

TEST(Table, ReadsTabsAndSemicolonsAsSeparatorsAndSaysSo) {
  const Table tabs = read("a\tb\n1\t\n");
  EXPECT_THAT(tabs.columns, ElementsAre("a", "b"));
  EXPECT_THAT(tabs.rows, ElementsAre(ElementsAre("1", "")));
  EXPECT_THAT(tabs.guesses, ElementsAre("took tabs as the separator"));
  const Table semicolons = read("a;b\n1;\"2;3\"\n");
  EXPECT_THAT(semicolons.rows, ElementsAre(ElementsAre("1", "2;3")));
  EXPECT_THAT(semicolons.guesses, ElementsAre("took semicolons as the separator"));
}

TEST(Table, TakesCommasWhereTheHeaderHasOne) {
  const Table table = read("a;b,c\n1;2,3\n");
  EXPECT_THAT(table.columns, ElementsAre("a;b", "c"));
  EXPECT_THAT(table.guesses, ::testing::IsEmpty());
}

TEST(Table, CountsLinesFromTheTopOfTheFile) {
  EXPECT_THAT(read("\n\na,b\n1,2\n").lines, ElementsAre(4));
  EXPECT_THAT(read("\n[\n{\"a\": 1},\n\n{\"a\": 2}]").lines, ElementsAre(3, 5));
  EXPECT_THAT(read("\n{\"a\": 1}\n").lines, ElementsAre(2));
}

TEST(Table, ReadsAJsonListOnOneLineOrMany) {
  const Table one = read("[{\"lr\": 0.1, \"name\": \"a], {\"}, {\"lr\":NaN}]");
  EXPECT_THAT(one.columns, ElementsAre("lr", "name"));
  EXPECT_THAT(one.rows, ElementsAre(ElementsAre("0.1", "a], {"), ElementsAre("nan", "")));
  const Table many = read("[\n  {\n    \"lr\":\n NaN\n  },\n  {\n    \"lr\": 0.2\n  }\n]\n");
  EXPECT_THAT(many.rows, ElementsAre(ElementsAre("nan"), ElementsAre("0.2")));
}

TEST(Table, LeavesTextsThatSayNaNAlone) {
  EXPECT_THAT(read("{\"name\": \"a NaN, \\\" Infinity\", \"x\": -Infinity}\n").rows,
              ElementsAre(ElementsAre("a NaN, \" Infinity", "nan")));
}

TEST(Table, NamesTheLineOfWhatIsWrongInAJsonList) {
  EXPECT_THAT(message_of("[{\"a\": 1},\n 7]"), HasSubstr("is no JSON object, runs:2"));
  EXPECT_THAT(message_of("[{\"a\": 1},\n]"), HasSubstr("is no JSON object"));
  EXPECT_THAT(message_of("[{\"a\": 1},\n{\"a\": [2]}]"), HasSubstr("runs:2"));
  EXPECT_THAT(message_of("[{\"a\": 1}\n"), HasSubstr("the list is never closed"));
  EXPECT_THAT(message_of("[{\"a\": 1}] [2]\n"), HasSubstr("something follows the list"));
  EXPECT_THAT(message_of("[]"), HasSubstr("no rows"));
}

}  // namespace
}  // namespace etalon

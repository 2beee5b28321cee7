#include "runs/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Texts = std::vector<std::string>;

Table read(const std::string& text, const TableOptions& options = {}) {
  std::istringstream input(text);
  return read_table(input, "runs", options);
}

std::vector<Texts> rows_of(const Table& table) {
  std::vector<Texts> rows(table.size());
  for (std::size_t row = 0; row < table.size(); ++row) {
    for (const TableColumn& column : table.columns) rows[row].push_back(column.at(row));
  }
  return rows;
}

std::string message_of(const std::string& text, const TableOptions& options = {}) {
  try {
    read(text, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Table, ReadsQuotedFieldsAndBothLineEnds) {
  const Table table = read("a,b\r\n\"x, \"\"y\"\"\",1\n\n2,\n");
  EXPECT_THAT(table.column_names(), ElementsAre("a", "b"));
  EXPECT_THAT(rows_of(table), ElementsAre(ElementsAre("x, \"y\"", "1"), ElementsAre("2", "")));
  EXPECT_THAT(table.lines, ElementsAre(2, 4));
}

TEST(Table, ReadsJsonLinesWithColumnsThatAppearLate) {
  const Table table = read("{\"lr\": 0.1}\n{\"lr\": 0.2, \"loss\": NaN, \"name\": \"NaN way\"}\n");
  EXPECT_THAT(table.column_names(), ElementsAre("lr", "loss", "name"));
  EXPECT_THAT(rows_of(table),
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
                  .column_names(),
              ElementsAre("a", "b"));
}

TEST(Table, NamesTheLineWhereAQuoteIsNeverClosed) {
  EXPECT_THAT(message_of("a,b\n1,2\n\"3,4\n5,6\n"), HasSubstr("a quote is never closed, runs:3"));
}

TEST(Table, TrimsNamesAndFields) {
  const Table table = read(" a ,b\t\r\n 1 , \"x, y\" \n");
  EXPECT_THAT(table.column_names(), ElementsAre("a", "b"));
  EXPECT_THAT(rows_of(table), ElementsAre(ElementsAre("1", "x, y")));
}

TEST(Table, ReadsTabsAndSemicolonsAsSeparatorsAndSaysSo) {
  const Table tabs = read("a\tb\n1\t\n");
  EXPECT_THAT(tabs.column_names(), ElementsAre("a", "b"));
  EXPECT_THAT(rows_of(tabs), ElementsAre(ElementsAre("1", "")));
  EXPECT_THAT(tabs.guesses, ElementsAre("took tabs as the separator"));
  const Table semicolons = read("a;b\n1;\"2;3\"\n");
  EXPECT_THAT(rows_of(semicolons), ElementsAre(ElementsAre("1", "2;3")));
  EXPECT_THAT(semicolons.guesses, ElementsAre("took semicolons as the separator"));
}

TEST(Table, TakesCommasWhereTheHeaderHasOne) {
  const Table table = read("a;b,c\n1;2,3\n");
  EXPECT_THAT(table.column_names(), ElementsAre("a;b", "c"));
  EXPECT_THAT(table.guesses, ::testing::IsEmpty());
}

TEST(Table, CountsLinesFromTheTopOfTheFile) {
  EXPECT_THAT(read("\n\na,b\n1,2\n").lines, ElementsAre(4));
  EXPECT_THAT(read("\n[\n{\"a\": 1},\n\n{\"a\": 2}]").lines, ElementsAre(3, 5));
  EXPECT_THAT(read("\n{\"a\": 1}\n").lines, ElementsAre(2));
}

TEST(Table, ReadsAJsonListOnOneLineOrMany) {
  const Table one = read("[{\"lr\": 0.1, \"name\": \"a], {\"}, {\"lr\":NaN}]");
  EXPECT_THAT(one.column_names(), ElementsAre("lr", "name"));
  EXPECT_THAT(rows_of(one), ElementsAre(ElementsAre("0.1", "a], {"), ElementsAre("nan", "")));
  const Table many = read("[\n  {\n    \"lr\":\n NaN\n  },\n  {\n    \"lr\": 0.2\n  }\n]\n");
  EXPECT_THAT(rows_of(many), ElementsAre(ElementsAre("nan"), ElementsAre("0.2")));
}

TEST(Table, LeavesTextsThatSayNaNAlone) {
  EXPECT_THAT(rows_of(read("{\"name\": \"a NaN, \\\" Infinity\", \"x\": -Infinity}\n")),
              ElementsAre(ElementsAre("a NaN, \" Infinity", "-inf")));
}

TEST(Table, ReadsInnerObjectsAsColumnsAndLeavesListsOut) {
  const Table table = read(
      "{\"loss\": 2, \"config\": {\"lr\": 0.1, \"model\": {\"name\": \"s\"}}, \"x\": [1, {\"y\": "
      "2}]}\n"
      "{\"loss\": 3, \"config\": {\"lr\": 0.2}}\n");
  EXPECT_THAT(table.column_names(), ElementsAre("loss", "config.lr", "config.model.name"));
  EXPECT_THAT(rows_of(table),
              ElementsAre(ElementsAre("2", "0.1", "s"), ElementsAre("3", "0.2", "")));
}

TEST(Table, ReadsJsonThatWasPrintedForPeople) {
  const Table table =
      read("{\n  \"lr\": 0.1,\n  \"loss\": 2\n}\n{\n  \"lr\": 0.2,\n  \"loss\": NaN\n}\n");
  EXPECT_THAT(rows_of(table), ElementsAre(ElementsAre("0.1", "2"), ElementsAre("0.2", "nan")));
  EXPECT_THAT(table.lines, ElementsAre(1, 5));
}

TEST(Table, GivesSettingsThatArePackedInOneFieldColumnsOfTheirOwn) {
  const Table table = read(
      "config,loss\n\"{'lr': 0.1, 'optimizer': 'adam', 'model': {'depth': 2}}\",2\n"
      "\"{\"\"lr\"\": 0.2}\",3\n");
  EXPECT_THAT(table.column_names(),
              ElementsAre("config", "loss", "config.lr", "config.optimizer", "config.model/depth"));
  EXPECT_THAT(rows_of(table), ElementsAre(ElementsAre("", "2", "0.1", "adam", "2"),
                                          ElementsAre("", "3", "0.2", "", "")));
}

using Names = std::vector<std::string>;

TEST(Table, NamesWhatWandbPacksAsValuesWithoutThat) {
  EXPECT_EQ(read("name,config,summary\n"
                 "a,\"{\"\"lr\"\": {\"\"value\"\": 0.1, \"\"desc\"\": null}, \"\"net\"\": "
                 "{\"\"value\"\": {\"\"width\"\": 8}}}\",{'loss': 2}\n")
                .column_names(),
            (Names{"name", "config", "summary", "config.lr", "config.lr/desc", "config.net/width",
                   "summary.loss"}));
  EXPECT_EQ(read(R"({"config": {"lr": {"value": 0.1}, "dropout": {"value": 0.5}}, "loss": 2})")
                .column_names(),
            (Names{"config.lr", "config.dropout", "loss"}));
}

TEST(Table, KeepsTheNamesOfOtherValues) {
  for (const std::string text : {
           R"({"trial": {"params": {"lr": 1}, "final": {"value": 2}}})",
           R"({"trial": {"number": {"value": 2}, "lr": {"value": 2, "unit": 1}}})",
           R"({"result": {"value": 2}, "lr": 1})",
           R"({"out": {"result": {"value": 2}}})",
           R"({"config": {"lr": {"value": 2}}, "config.lr": 1})",
       }) {
    for (const std::string& name : read(text).column_names()) {
      EXPECT_THAT(text, HasSubstr(name.substr(name.rfind('.') + 1))) << name;
    }
    EXPECT_THAT(read(text).column_names(), ::testing::Contains(::testing::EndsWith("value")))
        << text;
  }
}

TEST(Table, ReadsTheRowsOfAListWithinAnObject) {
  const Table table = read(
      "{\"project\": \"x\", \"tags\": [\"a\"],\n\"runs\": [{\"lr\": 1, \"at\": [{}]},\n"
      "{\"lr\": NaN, \"note\": \"], [{\"}\n]}\n");
  EXPECT_EQ(table.column_names(), (Names{"lr", "note"}));
  EXPECT_THAT(rows_of(table), ElementsAre(Texts{"1", ""}, Texts{"nan", "], [{"}));
  EXPECT_EQ(table.lines[1], 3U);
  EXPECT_THAT(message_of("{\"runs\": [{\"lr\": 1},\n2]}"), HasSubstr("runs:2"));
}

TEST(Table, TakesAnObjectWithSeveralListsOfObjectsForARow) {
  EXPECT_EQ(read(R"({"lr": 1, "a": [{"b": 1}], "c": [{"d": 1}]})").column_names(), (Names{"lr"}));
  EXPECT_EQ(read("{\"lr\": 1, \"a\": [{\"b\": 1}]}\n{\"lr\": 2}").size(), 2U);
  EXPECT_EQ(read(R"({"lr": 1, "a": [1, 2]})").column_names(), (Names{"lr"}));
}

TEST(Table, RefusesRowsWithoutColumns) {
  EXPECT_THAT(message_of(R"({"a": [1, 2]})"), HasSubstr("no row has a named value"));
  EXPECT_THAT(message_of("[{}, {}]"), HasSubstr("no row has a named value"));
}

TEST(Table, TellsParametersAndMetricsOfOneNameApartInATableOfMLflow) {
  const Table table = read(
      "Start Time,Run ID,Status,Source Type,learning_rate,learning_rate,loss\n"
      "0,a,FINISHED,LOCAL,0.1,0.001,2\n");
  EXPECT_THAT(table.column_names(), ElementsAre("Start Time", "Run ID", "Status", "Source Type",
                                                "learning_rate", "learning_rate (2)", "loss"));
  EXPECT_THAT(table.guesses, ElementsAre("there are several columns 'learning_rate': one is called "
                                         "'learning_rate (2)' here"));
}

TEST(Table, NamesTheLineOfWhatIsWrongInAJsonList) {
  EXPECT_THAT(
      message_of("[{\"a\": 1},\n 7]"),
      HasSubstr("this is no JSON object, runs:2, write one object a line, or a list of objects"));
  EXPECT_THAT(message_of("[{\"a\": 1},\n]"), HasSubstr("is no JSON object"));
  EXPECT_THAT(message_of("[{\"a\": 1}\n"), HasSubstr("the list is never closed"));
  EXPECT_THAT(message_of("[{\"a\": 1}] [2]\n"), HasSubstr("something follows the list"));
  EXPECT_THAT(message_of("[]"), HasSubstr("no rows"));
}

// What JSON calls nothing is nothing: no text, and not the NaN that Python's writer spells.
TEST(Table, TakesNullAsABlank) {
  EXPECT_THAT(rows_of(read("{\"a\": null, \"b\": NaN}\n")), ElementsAre(ElementsAre("", "nan")));
}

TEST(Table, RefusesAColumnOrAKeyThatIsThereTwice) {
  EXPECT_THAT(message_of("lr,loss,lr\n1,2,3\n"), HasSubstr("two columns 'lr', runs:1"));
  EXPECT_THAT(message_of("{\"lr\": 1}\n{\"lr\": 1, \"lr\": 2}\n"),
              HasSubstr("'lr' is there twice, runs:2"));
  EXPECT_THAT(message_of("[{\"lr\": 1, \"lr\": 2}]"), HasSubstr("'lr' is there twice"));
}

// As data frames write the numbers of their rows.
TEST(Table, LeavesColumnsWithoutANameAside) {
  EXPECT_THAT(rows_of(read(",a,\n0,1,2\n")), ElementsAre(ElementsAre("1")));
}

TEST(Table, RefusesTextBesideAQuotedField) {
  EXPECT_THAT(message_of("a,b\n\"0.1\"5,2\n"), HasSubstr("'5' follows a quoted field, runs:2"));
  EXPECT_THAT(rows_of(read("a,b\n\"0.1\" ,2\n")), ElementsAre(ElementsAre("0.1", "2")));
}

TEST(Table, RecognizesUtf16) {
  const std::string little(
      "\xFF\xFE"
      "a\0,\0b\0\n\0",
      10);
  const std::string big("\xFE\xFF\0a\0,\0b\0\n", 10);
  const std::string bare("a\0,\0b\0\n\0", 8);
  for (const std::string& text : {little, big, bare}) {
    EXPECT_THAT(message_of(text), HasSubstr("is UTF-16, runs, save it as UTF-8"));
  }
}

TEST(Table, NamesTheLineOfAZeroByte) {
  EXPECT_THAT(message_of(std::string("a,b\n1,\0\n", 8)), HasSubstr("zero byte"));
  EXPECT_THAT(message_of("a,b\n1,2\n1,\x01" + std::string(1, '\0')), HasSubstr("runs:3"));
}

// Each bound by itself, on an input that has no end but for it.
TEST(Table, EndsWhatHasNoEnd) {
  const std::string rows(5000, '\n');
  TableOptions options;
  options.most_lines = 4000;
  EXPECT_THAT(message_of("a,b\n1,2\n" + rows, options), HasSubstr("4000 lines"));
  options = {};
  options.most_rows = 2;
  EXPECT_THAT(message_of("a\n1\n2\n3\n", options), HasSubstr("more than 2 rows, runs:4"));
  EXPECT_EQ(message_of("a\n1\n2\n", options), "");
  options = {};
  options.most_record_bytes = 10240;
  EXPECT_THAT(message_of("a,b\n1," + std::string(20000, '2'), options),
              HasSubstr("longer than 10 kB, runs:2"));
  EXPECT_THAT(message_of("[{\"a\": \"" + std::string(20000, ' '), options),
              HasSubstr("longer than 10 kB"));
  EXPECT_THAT(message_of("{\"a\": \"" + std::string(20000, ' '), options),
              HasSubstr("longer than 10 kB"));
  options = {};
  options.most_bytes = 4000;
  EXPECT_THAT(message_of("a\n" + std::string(5000, ' '), options), HasSubstr("more than"));
  options = {};
  options.most_kept_bytes = 4000;
  std::string distinct = "a\n";
  for (int i = 0; i < 100; ++i) distinct += std::to_string(i) + "\n";
  EXPECT_THAT(message_of(distinct, options), HasSubstr("the columns hold more than"));
}

TEST(Table, EndsADeviceThatHasNoEnd) {
  std::ifstream zeros("/dev/zero", std::ios::binary);
  EXPECT_THROW(read_table(zeros, "zeros"), InputError);
}

// A setting has few values: what has many is let go unless it is wanted.
TEST(Table, LetsGoOfColumnsThatNobodyWants) {
  std::string text = "lr,time,model\n";
  for (int i = 0; i < 3000; ++i) {
    text += std::to_string(i) + ',' + std::to_string(i) + ",m" + std::to_string(i % 7) + '\n';
  }
  TableOptions options;
  options.is_wanted = [](std::string_view name) { return name == "lr"; };
  const Table table = read(text, options);
  EXPECT_EQ(table.column("lr").at(2999), "2999");
  EXPECT_FALSE(table.column("time").is_kept());
  EXPECT_EQ(table.column("model").at(2999), "m3");
  EXPECT_TRUE(read(text).column("time").is_kept());
}

// 20,000 objects with a key of their own: each costs its cell, and not one in every other row.
TEST(Table, KeepsEverNewKeysWithoutTheirRows) {
  std::string text;
  for (int i = 0; i < 20000; ++i) {
    text += "{\"lr\": 0.1, \"key" + std::to_string(i) + "\": 1}\n";
  }
  TableOptions options;
  options.is_wanted = [](std::string_view name) { return name == "lr"; };
  options.most_kept_bytes = std::size_t{4} << 20;
  const Table table = read(text, options);
  EXPECT_EQ(table.size(), 20000u);
  EXPECT_EQ(table.columns.size(), options.most_columns + 1);
  EXPECT_EQ(table.column("key9").at(9), "1");
  EXPECT_EQ(table.column("key9").at(10), "");
}

}  // namespace
}  // namespace etalon

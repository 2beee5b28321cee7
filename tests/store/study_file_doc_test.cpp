// docs/study-file.md against a study.
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "etalon/store.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

std::string read_document() {
  const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  std::ifstream file(root / "docs" / "study-file.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(StudyFileDocument, ShowsTheTablesOfAStudy) {
  const std::string document = read_document();
  const std::string fence = "```sql\n";
  const std::size_t start = document.find(fence) + fence.size();
  ASSERT_GT(document.size(), start);
  const std::string shown = document.substr(start, document.find("```", start) - start);

  const testing::TemporaryDirectory directory;
  const auto path = directory.path() / "study.db";
  SqliteStore(path, StoreMode::create, {});
  const SQLite::Database database(path.string());
  std::string actual;
  SQLite::Statement select(database, "SELECT sql FROM sqlite_master WHERE sql NOT NULL");
  while (select.executeStep()) actual += select.getColumn(0).getString() + ";\n";
  EXPECT_EQ(shown, actual);
  EXPECT_THAT(document,
              ::testing::HasSubstr(
                  "application_id` is " +
                  SQLite::Database(path.string()).execAndGet("PRAGMA application_id").getString()));
}

}  // namespace
}  // namespace etalon

// A study file as a file: what may be opened, whether it is still there, and how SQLite's failures
// read.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <utility>

namespace etalon {

// Throws the `InputError` (not a study, damaged) or `RunError` (the disk) that fits the exception.
[[noreturn]] void rethrow_sqlite(const SQLite::Exception& exception,
                                 const std::filesystem::path& path);

// Calls `function`, with SQLite's exceptions turned into ours.
template <typename Function>
auto with_sqlite(const std::filesystem::path& path, Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (const SQLite::Exception& exception) {
    rethrow_sqlite(exception, path);
  }
}

// Throws InputError where the file, or one that SQLite keeps beside it, is there and is no regular
// file: SQLite would wait at a FIFO forever.
void check_kind(const std::filesystem::path& path);

// Opens what `check_kind` lets pass. No function of the schema may look beyond the file.
SQLite::Database open_study(const std::filesystem::path& path, int flags, int busy_milliseconds);

// Throws RunError where SQLite, asked to write, opened the file for reading.
void check_writable(SQLite::Database& database, const std::filesystem::path& path);

// Which file a path named when this was made.
class FileIdentity {
 public:
  explicit FileIdentity(const std::filesystem::path& path);
  // Whether the path names that file still, and not none or another.
  bool is_there() const;

 private:
  std::filesystem::path path_;
  std::optional<std::pair<dev_t, ino_t>> file_;
};

}  // namespace etalon

#include "store/study_file.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <system_error>

#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

std::optional<std::pair<dev_t, ino_t>> file_at(const fs::path& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return std::nullopt;
  return std::pair(file.st_dev, file.st_ino);
}

}  // namespace

void rethrow_sqlite(const SQLite::Exception& exception, const fs::path& path) {
  const std::string file = path.string();
  switch (exception.getErrorCode() & 0xff) {  // the code without its extension
    case SQLITE_NOTADB:
      throw InputError("this is not a study file", file, "choose another, or restore the file");
    case SQLITE_CORRUPT:
      throw InputError(fmt::format("the study file is damaged ({})", printable(exception.what())),
                       file, "choose another, or restore the file");
    case SQLITE_BUSY:
      throw RunError("another program keeps the study file locked", file, "close it and run again");
    case SQLITE_CONSTRAINT:
      throw RunError(
          fmt::format("the study file refuses the data ({})", printable(exception.what())), file,
          "");
    default:
      throw RunError(
          fmt::format("the study file cannot be read or written ({})", printable(exception.what())),
          file,
          "check that the disk has room and the directory can be written to; what was "
          "stored before is safe");
  }
}

void check_kind(const fs::path& path) {
  for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
    const fs::path file = path.string() + ending;
    std::error_code ignored;
    const fs::file_status status = fs::status(file, ignored);
    if (!fs::exists(status) || fs::is_regular_file(status)) continue;
    throw InputError("this is not a study file", file.string(), "choose another");
  }
}

SQLite::Database open_study(const fs::path& path, int flags, int busy_milliseconds) {
  check_kind(path);
  SQLite::Database database(path.string(), flags, busy_milliseconds);
  database.exec("PRAGMA trusted_schema = OFF");
  return database;
}

void check_writable(SQLite::Database& database, const fs::path& path) {
  if (sqlite3_db_readonly(database.getHandle(), "main") == 0) return;
  throw RunError("the study file cannot be written to", path.string(), "check its permissions");
}

FileIdentity::FileIdentity(const fs::path& path) : path_(path), file_(file_at(path)) {}

bool FileIdentity::is_there() const { return file_ && file_at(path_) == file_; }

}  // namespace etalon

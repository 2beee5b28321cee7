// A study file opened for reading, in whatever state a process left it.
//
// Reading changes nothing and takes no lock. SQLite reads a file that was closed in peace, or that
// another process works on, as it is. One that was left in the middle of a change (a process that
// was killed while it closed the file leaves a rollback journal), or whose write-ahead log lies
// where nothing can be made, it must repair first: then a copy is repaired and read, in a directory
// of its own for temporary files that goes with the object.
#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>
#include <optional>
#include <utility>

namespace etalon {

class StudyReader {
 public:
  // Throws as `open_study`; RunError where a copy is needed and cannot be made.
  StudyReader(const std::filesystem::path& path, int busy_milliseconds);

  SQLite::Database& database() { return *database_; }

 private:
  class Copy {
   public:
    explicit Copy(const std::filesystem::path& path);
    ~Copy();
    Copy(Copy&& other) noexcept : directory_(std::exchange(other.directory_, {})) {}
    Copy& operator=(Copy&&) = delete;

    std::filesystem::path file() const { return directory_ / "study.db"; }

   private:
    std::filesystem::path directory_;
  };

  std::optional<Copy> copy_;  // outlives the database
  std::optional<SQLite::Database> database_;
};

}  // namespace etalon

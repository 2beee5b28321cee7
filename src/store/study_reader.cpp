#include "store/study_reader.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <array>
#include <system_error>
#include <tuple>
#include <vector>

#include "etalon/error.hpp"
#include "store/study_file.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

// What makes a study; "-shm" is an index into "-wal" that SQLite makes anew.
constexpr std::array<const char*, 3> kStudyFiles = {"", "-wal", "-journal"};

bool needs_repair(const SQLite::Exception& exception) {
  const int code = exception.getErrorCode() & 0xff;  // the code without its extension
  return code == SQLITE_READONLY || code == SQLITE_CANTOPEN;
}

// Which files there are, how long and how old: unlike where a process works on them.
using Sight = std::vector<std::tuple<bool, std::uintmax_t, fs::file_time_type>>;

Sight look_at(const fs::path& path) {
  Sight sight;
  for (const char* ending : kStudyFiles) {
    const fs::path file = path.string() + ending;
    std::error_code ignored;
    sight.emplace_back(fs::exists(file, ignored), fs::file_size(file, ignored),
                       fs::last_write_time(file, ignored));
  }
  return sight;
}

fs::path make_directory_for_copies() {
  std::string name = (fs::temp_directory_path() / "etalon-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw fs::filesystem_error("mkdtemp", name, std::error_code(errno, std::generic_category()));
  }
  return name;
}

void copy_files(const fs::path& from, const fs::path& to) {
  for (const char* ending : kStudyFiles) {
    const fs::path source = from.string() + ending, target = to.string() + ending;
    fs::remove(target);
    if (!fs::exists(source)) continue;
    fs::copy_file(source, target);
    fs::permissions(target, fs::perms::owner_read | fs::perms::owner_write);
  }
}

// The copies are of one moment where nothing changed meanwhile.
void copy_at_rest(const fs::path& from, const fs::path& to) {
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    const Sight before = look_at(from);
    copy_files(from, to);
    if (look_at(from) == before) return;
  }
  throw RunError("the study file is being changed and cannot be read", from.string(),
                 "run again once its study has ended");
}

}  // namespace

StudyReader::Copy::Copy(const fs::path& path) {
  try {
    directory_ = make_directory_for_copies();
    copy_at_rest(path, file());
  } catch (const fs::filesystem_error& error) {
    std::error_code ignored;
    if (!directory_.empty()) fs::remove_all(directory_, ignored);
    throw RunError(fmt::format("the study was not closed in peace, and cannot be copied to be read "
                               "({})",
                               error.code().message()),
                   path.string(),
                   "make room for temporary files (TMPDIR), or have its owner resume it");
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
    throw;
  }
}

StudyReader::Copy::~Copy() {
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

StudyReader::StudyReader(const fs::path& path, int busy_milliseconds) {
  try {
    database_.emplace(open_study(path, SQLite::OPEN_READONLY, busy_milliseconds));
    database_->execAndGet("SELECT count(*) FROM sqlite_master");
  } catch (const SQLite::Exception& exception) {
    if (!needs_repair(exception)) throw;
    database_.reset();
    copy_.emplace(path);
    database_.emplace(open_study(copy_->file(), SQLite::OPEN_READWRITE, busy_milliseconds));
  }
}

}  // namespace etalon

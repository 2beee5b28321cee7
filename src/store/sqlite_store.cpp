#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>

#include "core/file_lock.hpp"
#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "store/study_schema.hpp"
#include "store/suggestion_rows.hpp"
#include "store/trial_rows.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyMilliseconds = 10000;  // how long to wait for a reader

// SQLite makes what is not there, so it is asked to open regular files and new ones only.
void check_kind(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw InputError("this is not a study file", path.string(), "choose another --out");
  }
}

// Asked to write a file that it may only read, SQLite opens it for reading.
void check_writable(SQLite::Database& database, const fs::path& path) {
  if (sqlite3_db_readonly(database.getHandle(), "main") == 0) return;
  throw RunError("the study file cannot be written to", path.string(), "check its permissions");
}

void refuse_existing(SQLite::Database& database, const fs::path& path) {
  const int trials = database.execAndGet("SELECT count(*) FROM trials").getInt();
  throw InputError(
      fmt::format("there is a study of {} trial{} already", trials, trials == 1 ? "" : "s"),
      path.string(), "pass --resume to continue, or choose another --out");
}

void check_fingerprint(SQLite::Database& database, const fs::path& path, const Fingerprint& asked) {
  const auto difference = first_difference(read_fingerprint(database), asked);
  if (!difference) return;
  throw InputError(fmt::format("the study was begun with other settings: {}", *difference),
                   path.string(), "resume with the same settings, or choose another --out");
}

}  // namespace

struct SqliteStore::State {
  explicit State(const fs::path& file)
      : path(file),
        lock(file),
        database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyMilliseconds) {}

  fs::path path;
  FileLock lock;
  SQLite::Database database;
};

SqliteStore::SqliteStore(const fs::path& path, StoreMode mode, const Fingerprint& fingerprint) {
  check_kind(path);
  with_sqlite(path, [&] {
    state_ = std::make_unique<State>(path);
    SQLite::Database& database = state_->database;
    check_writable(database, path);
    const bool blank = is_blank(database);
    if (!blank) {
      check_schema(database, path);
      if (mode == StoreMode::create) refuse_existing(database, path);
      check_fingerprint(database, path, fingerprint);
    }
    database.exec("PRAGMA journal_mode = WAL");
    // A trial costs seconds to hours and a sync milliseconds: every commit waits for the disk, so
    // that not even a power failure takes back a trial that was reported.
    database.exec("PRAGMA synchronous = FULL");
    if (!blank) {
      upgrade_schema(database);
    } else if (!create_schema(database, fingerprint)) {
      check_fingerprint(database, path, fingerprint);
    }
  });
}

// At rest a study is one plain file, readable also where nothing can be written.
SqliteStore::~SqliteStore() { state_->database.tryExec("PRAGMA journal_mode = DELETE"); }

std::vector<TrialRecord> SqliteStore::load() const {
  return with_sqlite(state_->path, [&] { return select_trials(state_->database); });
}

void SqliteStore::append(const TrialRecord& record) {
  if (record.result.state == TrialState::interrupted) {
    throw RunError("an interrupted trial cannot be stored", fmt::format("trial {}", record.id), "");
  }
  with_sqlite(state_->path, [&] { insert_trial(state_->database, record); });
}

void SqliteStore::set_meta(const std::string& key, const std::string& value) {
  with_sqlite(state_->path, [&] {
    SQLite::Statement insert(state_->database, "INSERT OR REPLACE INTO meta VALUES (?, ?)");
    insert.bind(1, key);
    insert.bind(2, value);
    insert.exec();
  });
}

std::optional<std::string> SqliteStore::meta(const std::string& key) const {
  return with_sqlite(state_->path, [&]() -> std::optional<std::string> {
    SQLite::Statement select(state_->database, "SELECT value FROM meta WHERE key = ?");
    select.bind(1, key);
    if (!select.executeStep()) return std::nullopt;
    return select.getColumn(0).getString();
  });
}

StudyFile read_study_file(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    throw InputError("there is no study", path.string(),
                     "name a directory that etalon study wrote");
  }
  check_kind(path);
  return with_sqlite(path, [&] {
    SQLite::Database database(path.string(), SQLite::OPEN_READONLY, kBusyMilliseconds);
    check_schema(database, path);
    return StudyFile{.fingerprint = read_fingerprint(database),
                     .meta = read_meta(database),
                     .trials = select_trials(database),
                     .asked = select_suggestions(database)};
  });
}

}  // namespace etalon

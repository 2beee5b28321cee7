#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <charconv>
#include <system_error>

#include "core/file_lock.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "store/asked_rows.hpp"
#include "store/shared_study.hpp"
#include "store/study_file.hpp"
#include "store/study_reader.hpp"
#include "store/study_schema.hpp"
#include "store/trial_rows.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyMilliseconds = 10000;  // how long to wait for a reader
constexpr const char* kWallSeconds = "wall_seconds";

void refuse_existing(SQLite::Database& database, const fs::path& path) {
  const int trials = database.execAndGet("SELECT count(*) FROM trials").getInt();
  throw InputError(
      fmt::format("there is a study of {} trial{} already", trials, trials == 1 ? "" : "s"),
      path.string(),
      fmt::format("give {} to go on with it, or another {}", field_name("mode resume"),
                  field_name("path")));
}

[[noreturn]] void refuse_missing(const fs::path& path) {
  throw InputError("there is no study to resume", path.string(),
                   fmt::format("give {} to begin one, or another {}", field_name("mode create"),
                               field_name("path")));
}

void check_fingerprint(SQLite::Database& database, const fs::path& path, const Fingerprint& asked) {
  const auto difference = first_difference(read_fingerprint(database), asked);
  if (!difference) return;
  throw InputError(fmt::format("the study was begun with other settings: {}", *difference),
                   path.string(),
                   fmt::format("give the same settings, or another {}", field_name("path")));
}

void check_record(const TrialRecord& record) {
  const std::string where = fmt::format("trial {}", record.id);
  const TrialState state = record.result.state;
  const std::optional<double>& objective = record.result.objective;
  if (state == TrialState::interrupted) {
    throw RunError("an interrupted trial cannot be stored", where, "");
  }
  check_batch_size(static_cast<double>(record.spec.batch_size), "batch_size", where);
  check_lr(record.spec.lr, "lr", where);
  if (state == TrialState::finished && !(objective && is_valid_loss(*objective))) {
    throw RunError("a finished trial has no finite objective", where, "say that it diverged");
  }
}

}  // namespace

struct SqliteStore::State {
  explicit State(const fs::path& file)
      : path(file),
        lock(file),
        database(
            open_study(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyMilliseconds)) {}

  // The write-ahead log, where the newest trials are, is there once something was written to it.
  void note_log() {
    if (!log) log.emplace(path.string() + "-wal");
  }
  bool is_there() const { return identity->is_there() && (!log || log->is_there()); }

  fs::path path;
  FileLock lock;
  SQLite::Database database;
  std::optional<FileIdentity> identity, log;
};

SqliteStore::SqliteStore(const fs::path& path, StoreMode mode, const Fingerprint& fingerprint) {
  std::error_code ignored;
  check_kind(path);
  if (mode == StoreMode::resume && !fs::exists(path, ignored)) refuse_missing(path);
  with_sqlite(path, [&] {
    state_ = std::make_unique<State>(path);
    SQLite::Database& database = state_->database;
    check_writable(database, path);
    const bool blank = is_blank(database);
    if (!blank) {
      check_undamaged(database, path);
      if (mode == StoreMode::create) refuse_existing(database, path);
      check_fingerprint(database, path, fingerprint);
    } else if (mode == StoreMode::resume) {
      refuse_missing(path);
    }
    // A trial costs seconds to hours and a sync milliseconds: every commit waits for the disk, so
    // that not even a power failure takes back a trial that was reported.
    database.exec("PRAGMA synchronous = FULL");
    // Before there is a log, so that the file alone is the study from its first moment on.
    if (!blank) {
      upgrade_schema(database);
    } else if (!create_schema(database, fingerprint)) {
      check_fingerprint(database, path, fingerprint);
    }
    database.exec("PRAGMA journal_mode = WAL");
    state_->identity.emplace(path);
  });
}

// At rest a study is one plain file, readable also where nothing can be written. Where the file was
// removed or replaced, what lies beside its name may be another's and is left alone.
SqliteStore::~SqliteStore() {
  if (state_->is_there()) {
    state_->database.tryExec("PRAGMA journal_mode = DELETE");
  } else {
    sqlite3_db_config(state_->database.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
}

std::vector<TrialRecord> SqliteStore::load() const {
  return with_sqlite(state_->path, [&] {
    const SQLite::Transaction snapshot(state_->database);
    return select_trials(state_->database, Curves::read);
  });
}

void SqliteStore::append(const TrialRecord& record) {
  check_record(record);
  check_present();
  with_sqlite(state_->path, [&] { insert_trial(state_->database, record); });
  state_->note_log();
  check_present();
}

void SqliteStore::check_present() const {
  if (state_->is_there()) return;
  throw RunError("the study file was removed or replaced while it was worked on",
                 state_->path.string(),
                 "the trials since then are lost with it; restore it and resume, or begin again");
}

double SqliteStore::wall_seconds() const {
  const std::string text = meta(kWallSeconds).value_or("");
  double seconds = 0.0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds >= 0.0 ? seconds : 0.0;
}

void SqliteStore::set_wall_seconds(double seconds) {
  set_meta(kWallSeconds, fmt::format("{}", seconds));
}

void SqliteStore::set_meta(const std::string& key, const std::string& value) {
  with_sqlite(state_->path, [&] { store_meta_value(state_->database, key, value, true); });
}

std::optional<std::string> SqliteStore::meta(const std::string& key) const {
  return with_sqlite(state_->path, [&] { return read_meta_value(state_->database, key); });
}

StudyFile read_study_file(const fs::path& path, Curves curves) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    throw InputError("there is no study", path.string(),
                     "name a directory that etalon study wrote");
  }
  return with_sqlite(path, [&] {
    StudyReader reader(path, kBusyMilliseconds);
    SQLite::Database& database = reader.database();
    // One snapshot of all tables, though another process may be appending.
    const SQLite::Transaction snapshot(database);
    check_undamaged(database, path);
    return StudyFile{.fingerprint = read_fingerprint(database),
                     .meta = read_meta(database),
                     .trials = select_trials(database, curves),
                     .asked = select_asked(database)};
  });
}

std::optional<std::string> setting_of(const Fingerprint& fingerprint, std::string_view key) {
  for (const auto& [name, value] : fingerprint) {
    if (name == key) return value;
  }
  return std::nullopt;
}

std::optional<std::string> optimizer_of(const StudyFile& study) {
  const auto given = study.meta.find("suggest.update");
  if (given != study.meta.end()) return given->second;
  return setting_of(study.fingerprint, "optimizer");
}

}  // namespace etalon

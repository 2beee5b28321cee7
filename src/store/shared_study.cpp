#include "store/shared_study.hpp"

#include <SQLiteCpp/Statement.h>

#include "core/file_lock.hpp"
#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "store/asked_rows.hpp"
#include "store/study_schema.hpp"
#include "store/trial_rows.hpp"

namespace etalon {
namespace {

// How long a call waits for those of other processes, each of which takes milliseconds.
constexpr int kSharedBusyMilliseconds = 60000;
// No study of `etalon study` is taken for one of ours, nor ours for one of its.
const Fingerprint kAskAndTell = {{"study.kind", "ask and tell"}};

}  // namespace

SharedStudy::SharedStudy(const std::filesystem::path& path)
    : path_(path), database_(with_sqlite(path, [&] {
        return open_study(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                          kSharedBusyMilliseconds);
      })) {
  with_sqlite(path_, [&] {
    if (is_blank(database_)) create_schema(database_, kAskAndTell);
    check_format(database_, path_);
  });
  identity_.emplace(path_);
}

void SharedStudy::upgrade() {
  with_sqlite(path_, [&] {
    if (!needs_upgrade(database_)) return;
    // An earlier version that works on it would not know its tables any more.
    const FileLock lock(path_);
    upgrade_schema(database_);
  });
}

void SharedStudy::check_present() const {
  if (identity_->is_there()) return;
  throw RunError("the study file was removed or replaced meanwhile", path_.string(),
                 "what was to be stored is lost with it; restore it and run again");
}

std::optional<std::string> read_meta_value(SQLite::Database& database, const std::string& key) {
  SQLite::Statement select(database, "SELECT value FROM meta WHERE key = ?");
  select.bind(1, key);
  if (!select.executeStep()) return std::nullopt;
  return select.getColumn(0).getString();
}

void store_meta_value(SQLite::Database& database, const std::string& key, const std::string& value,
                      bool replace) {
  SQLite::Statement insert(database, replace ? "INSERT OR REPLACE INTO meta VALUES (?, ?)"
                                             : "INSERT OR IGNORE INTO meta VALUES (?, ?)");
  insert.bind(1, key);
  insert.bind(2, value);
  insert.exec();
}

std::vector<Observation> select_trial_sweep(SQLite::Database& database) {
  std::vector<Observation> sweep;
  for (const TrialRecord& trial : select_trials(database, Curves::leave_out)) {
    if (auto point = sweep_point(trial)) sweep.push_back(*point);
  }
  return sweep;
}

std::vector<Observation> select_sweep(SQLite::Database& database) {
  StudyFile study;
  study.trials = select_trials(database, Curves::leave_out);
  study.asked = select_asked(database);
  return sweep_of(study);
}

std::vector<TrialSpec> select_pruned(SQLite::Database& database) {
  std::vector<TrialSpec> pruned = pruned_of(select_trials(database, Curves::leave_out));
  const std::vector<TrialSpec> asked = select_pruned_asked(database);
  pruned.insert(pruned.end(), asked.begin(), asked.end());
  return pruned;
}

}  // namespace etalon

// A study file that any number of processes use at once: what asking and telling need of it.
//
// Reading sees one moment of the file, changing is one transaction that no other writer can be in;
// whatever a change did is safe once it has returned. Neither may take long: others wait. An object
// is for one thread at a time.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "etalon/store.hpp"
#include "store/study_file.hpp"

namespace etalon {

class SharedStudy {
 public:
  // Opens the study, which is made where there is none.
  explicit SharedStudy(const std::filesystem::path& path);

  // Brings a study of an earlier format to the present one: to be called before anything is changed
  // or found by an index.
  void upgrade();

  template <typename Function>
  auto read(Function&& function) {
    return with_sqlite(path_, [&] {
      const SQLite::Transaction snapshot(database_);
      return std::forward<Function>(function)(database_);
    });
  }

  template <typename Function>
  auto change(Function&& function) {
    auto result = with_sqlite(path_, [&] {
      SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
      auto changed = std::forward<Function>(function)(database_);
      transaction.commit();
      return changed;
    });
    check_present();
    return result;
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  // Throws RunError where the file was removed or replaced since it was opened: what was changed
  // is gone with it.
  void check_present() const;

  std::filesystem::path path_;
  SQLite::Database database_;
  std::optional<FileIdentity> identity_;
};

// What a study keeps under a name in `meta`; nothing where it keeps none.
std::optional<std::string> read_meta_value(SQLite::Database& database, const std::string& key);
// Keeps a value, over one that is there only if `replace`.
void store_meta_value(SQLite::Database& database, const std::string& key, const std::string& value,
                      bool replace);

// The trials of `etalon study` that are points of its learning-rate sweep, without their curves.
std::vector<Observation> select_trial_sweep(SQLite::Database& database);
// The same and those of the asked trials, as sweep_of().
std::vector<Observation> select_sweep(SQLite::Database& database);
// As pruned_of(), of all trials.
std::vector<TrialSpec> select_pruned(SQLite::Database& database);

}  // namespace etalon

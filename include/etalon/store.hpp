// A study on disk: its trials, where they are kept, and how they are read.
//
// `TrialStore` is what a study needs of a store; `SqliteStore` keeps one in an SQLite file that
// survives whatever ends its process; `read_study_file` reads such a file, also while another
// process works on it. docs/study-file.md documents the format.
//
//   etalon::SqliteStore store("study.db", etalon::StoreMode::create, {{"model", "mine"}});
//   store.append(record);                       // safe once it has returned
//   etalon::read_study_file("study.db").trials;
//
// A trial is safe once `append` has returned: it is committed and synced to the disk, with its
// whole curve or not at all. One process at a time holds a `SqliteStore`, by a lock on the file
// beside it; reading takes no lock. Doubles come back bit for bit; NaN is taken for missing.
//
// Objects are for one thread at a time, functions for any. Failures of the disk are `RunError`s
// that name the file, and take away nothing that was stored before; a file that is no study, or
// damaged, or another study, is an `InputError`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etalon/trial.hpp"

namespace etalon {

// Why a study ran a trial: to find the optimum of the base batch size, to try what the scaling
// rules say, or to find the optimum of another batch size.
enum class Stage { base, rules, tuned };

// The words are part of the file formats.
std::string_view to_string(Stage stage);

// A trial as it is stored.
struct TrialRecord {
  std::int64_t id = 0;     // 1, 2, ... in the order planned
  std::int64_t round = 0;  // 1, 2, ...
  Stage stage = Stage::base;
  TrialSpec spec;
  TrialResult result;
  std::int64_t attempts = 1;  // how often it was tried, >= 1
};

// A trial that was asked for or told of; see ask_tell.hpp.
struct AskedTrial {
  std::int64_t id = 0;  // 1, 2, ... in the order asked
  TrialSpec spec;
  TrialState state = TrialState::pending;
  std::optional<double> loss{};  // set when finished
  std::int64_t asked_at = 0;     // seconds since 1970, UTC
  std::optional<std::int64_t> observed_at{};
  std::int64_t attempts = 1;  // how often it was offered, >= 1
};

// Where trials go. Called from one thread at a time.
class TrialStore {
 public:
  virtual ~TrialStore() = default;
  // All trials, in order of id.
  virtual std::vector<TrialRecord> load() const = 0;
  // Returns only once the trial is safe. One of its id that is stored as pending, failed or pruned
  // gives way to it, whole; any other is an error.
  virtual void append(const TrialRecord& record) = 0;
  // How long the study was worked on, in all sessions together. A store may forget it.
  virtual double wall_seconds() const { return 0.0; }
  virtual void set_wall_seconds(double /*seconds*/) {}
};

// Settings as text, in a fixed order, that must be equal for a study to go on where it stopped.
using Fingerprint = std::vector<std::pair<std::string, std::string>>;

// A clause for an error about the first setting in which two fingerprints differ, naming both
// values; nothing if they are equal.
std::optional<std::string> first_difference(const Fingerprint& stored, const Fingerprint& asked);

enum class StoreMode {
  create,            // refuse if there is a study already
  resume,            // go on with it if its fingerprint is the same; refuse if there is none
  create_or_resume,  // whichever it needs
};

class SqliteStore final : public TrialStore {
 public:
  // Opens the study at `path`, in a directory that exists.
  SqliteStore(const std::filesystem::path& path, StoreMode mode, const Fingerprint& fingerprint);
  ~SqliteStore() override;

  std::vector<TrialRecord> load() const override;
  // Throws InputError for a batch size or learning rate out of bounds (bounds.hpp), RunError for an
  // interrupted trial, a finished one without a finite objective, and as `check_present`.
  void append(const TrialRecord& record) override;
  double wall_seconds() const override;
  void set_wall_seconds(double seconds) override;

  // Throws RunError where the file was removed or replaced since it was opened.
  void check_present() const;

  // Facts about the study that its trials do not depend on: when it began, with which version and
  // command line. Free for the caller to name.
  void set_meta(const std::string& key, const std::string& value);
  std::optional<std::string> meta(const std::string& key) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Everything in a study file.
struct StudyFile {
  Fingerprint fingerprint;
  std::map<std::string, std::string> meta;
  std::vector<TrialRecord> trials;  // by id
  std::vector<AskedTrial> asked;    // by id
};

enum class Curves { read, leave_out };

// Reads a study without changing or locking it, also while another process works on it, and in
// whatever state one left it that was killed: what SQLite must repair before it can be read is
// repaired in a copy among the temporary files.
StudyFile read_study_file(const std::filesystem::path& path, Curves curves = Curves::read);

// The value of a setting ("study.budget_examples"); nothing where there is none of that name.
std::optional<std::string> setting_of(const Fingerprint& fingerprint, std::string_view key);

// What makes the study's updates: what was given to `etalon suggest`, else the optimizer of its
// trials. Nothing where neither is known.
std::optional<std::string> optimizer_of(const StudyFile& study);

// What a trial says to the statistics: nothing unless it finished or diverged.
std::optional<Observation> observation_of(const TrialRecord& trial);
std::optional<Observation> observation_of(const AskedTrial& trial);

// The same of a trial that is a point of its batch size's sweep: it moved nothing but the learning
// rate.
std::optional<Observation> sweep_point(const TrialRecord& trial);
std::optional<Observation> sweep_point(const AskedTrial& trial);

// Those of the sweep that were pruned: stopped before their end (pruning.hpp).
std::vector<TrialSpec> pruned_of(std::span<const TrialRecord> trials);

// The learning-rate sweep of a study: those of its trials and of the asked ones that are points of
// it, in that order.
std::vector<Observation> sweep_of(const StudyFile& study);

}  // namespace etalon

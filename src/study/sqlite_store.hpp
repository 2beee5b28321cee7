// A study in one SQLite file, that survives whatever ends its process.
//
// A trial is safe once `append` has returned: it is committed to the write-ahead log and synced to
// the disk, with its whole curve or not at all. One process at a time holds a study, by a lock on
// the file beside it (see study/file_lock.hpp); the reader below takes no lock. Doubles come back
// bit for bit; NaN is taken for missing. The format is documented in docs/study-file.md.
//
// Not thread-safe. Failures of the disk are `RunError`s that name the file, and take away nothing
// that was stored before; a file that is no study, or damaged, or another study, is an
// `InputError`.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "etalon/study.hpp"
#include "study/fingerprint.hpp"

namespace etalon {

enum class StoreMode {
  create,  // refuse if there is a study already
  resume,  // go on with it if its fingerprint is the same; create it if there is none
};

class SqliteStore final : public TrialStore {
 public:
  // Opens the study at `path`, in a directory that exists.
  SqliteStore(const std::filesystem::path& path, StoreMode mode, const Fingerprint& fingerprint);
  ~SqliteStore() override;

  std::vector<TrialRecord> load() const override;
  void append(const TrialRecord& record) override;

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
};

// Reads a study without changing or locking it, also while another process works on it.
StudyFile read_study_file(const std::filesystem::path& path);

}  // namespace etalon

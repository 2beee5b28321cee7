// The logs of tools, one reader for each form that they have.
//
// A reader is asked about each file in turn, and takes what it knows by its name, its neighbours or
// its first bytes. What it reads may be a part of a run: parts that lie in one directory, or below
// it as their tool has it, become one run (joined_runs.hpp). So a reader knows its own form and
// nothing of any other.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "imports/logged_run.hpp"

namespace etalon {

using HearShare = std::function<void(double share)>;

// Whoever hears the runs of a file, and how much of it was read.
class HearRun {
 public:
  template <typename Hear>
  HearRun(Hear run, HearShare share = nullptr) : run_(std::move(run)), share_(std::move(share)) {}

  void operator()(LoggedRun run) const { run_(std::move(run)); }
  // In [0, 1], now and then.
  void note_share(double share) const {
    if (share_) share_(share);
  }

 private:
  std::function<void(LoggedRun run)> run_;
  HearShare share_;
};

struct LogReader {
  std::string_view name;  // as `--from` has it, in lower case
  std::string_view what;  // one of them, for sentences: "TensorBoard event file"
  // Cheap: of a regular file, or of one that cannot be read. Never throws.
  bool (*recognizes)(const std::filesystem::path& file);
  // Throws InputError for a file that is damaged, or is not what it seemed; what was heard by then
  // is kept.
  void (*read)(const std::filesystem::path& file, const HearRun& hear);
  bool reads_settings_alone = false;  // what it reads is no run without a log beside or below it
};

// In the order in which they are asked.
std::span<const LogReader> log_readers();

}  // namespace etalon

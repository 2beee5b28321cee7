// One attempt at a trial: a directory of its own, in which everything about it can be read.
//
//   command.json   what is run: arguments, environment changes, time limit
//   stdout stderr  everything that the program printed
//   out/           the program's own, as {out}
//   status.json    how it ended; there once it has
//
// Directories are never used twice, so what another attempt left behind is never taken for this
// one's. A status is written whole or not at all.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace etalon {

// What a process is started with. Nothing here passes through a shell.
struct Launch {
  std::string study{};                 // whose attempt it is
  std::vector<std::string> arguments;  // the program first, looked for on PATH
  std::vector<std::pair<std::string, std::string>> environment;  // set besides what is inherited
  std::vector<std::string> unset;  // names taken out of it; '*' at the end: all that begin so
  std::chrono::milliseconds grace{10'000};         // between asking to stop and killing, >= 0
  std::optional<std::chrono::milliseconds> limit;  // how long it may run, > 0

  bool operator==(const Launch&) const = default;
};

// `replaced`: somebody else took the attempt on.
enum class StopCause { none, asked, timed_out, orphaned, replaced };

// How a process ended.
struct AttemptStatus {
  std::optional<int> exit_code;         // of one that exited
  std::optional<int> signal;            // that killed it
  std::string error;                    // why it could not be started; else empty
  StopCause stopped = StopCause::none;  // by its supervisor, and why
  double seconds = 0.0;
  std::int64_t peak_memory_bytes = 0;  // resident, of the largest of its processes

  bool operator==(const AttemptStatus&) const = default;
};

// Paths of an attempt in `directory`.
struct AttemptFiles {
  explicit AttemptFiles(const std::filesystem::path& directory);
  std::filesystem::path directory, command, output, errors, own, status;
};

// The attempts at `trial` so far, in order.
std::vector<AttemptFiles> attempts_at(const std::filesystem::path& parent, std::int64_t trial);

// Makes the next directory of the attempts at `trial` below `parent` ("trials/12/3"), with what is
// to be run in it, and returns it. Throws RunError.
AttemptFiles make_attempt(const std::filesystem::path& parent, std::int64_t trial);

void write_launch(const AttemptFiles& files, const Launch& launch);
Launch read_launch(const AttemptFiles& files);  // throws InputError where it is not whole
// Whether the attempt was one of the same study at the same arguments.
bool was_attempt_at(const AttemptFiles& files, const Launch& launch);

void write_status(const AttemptFiles& files, const AttemptStatus& status);
// Nothing where it has not ended, or its supervisor was killed.
std::optional<AttemptStatus> read_status(const AttemptFiles& files);

}  // namespace etalon

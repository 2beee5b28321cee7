#include "slurm/job_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <system_error>

#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

fs::path runs_of(const AttemptFiles& attempt) { return attempt.directory / "runs"; }

fs::path run_directory(const AttemptFiles& attempt, int run) {
  return runs_of(attempt) / fmt::format("{}", run);
}

constexpr const char* kClosed = "closed";

// Whether the directory lists a file: a network's file system asks anew what a directory holds, but
// goes on believing for a while that a name it was once asked for is not there.
bool lists(const fs::path& directory, const char* name) {
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename() == name) return true;
  }
  return false;
}

}  // namespace

AttemptFiles files_of_run(const AttemptFiles& attempt, int run) {
  AttemptFiles files(run_directory(attempt, run));
  files.command = attempt.command;
  files.own = attempt.own;
  return files;
}

int last_run(const AttemptFiles& attempt) {
  int last = 0;
  std::error_code error;
  for (fs::directory_iterator entry(runs_of(attempt), error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    int run = 0;
    std::from_chars(name.data(), name.data() + name.size(), run);
    last = std::max(last, run);
  }
  return last;
}

int claim_run(const AttemptFiles& attempt) {
  std::error_code error;
  fs::create_directory(runs_of(attempt), error);
  for (int run = last_run(attempt) + 1; !error; ++run) {
    if (fs::create_directory(run_directory(attempt, run), error)) return run;
  }
  throw RunError(fmt::format("cannot make a directory for a run ({})", error.message()),
                 runs_of(attempt).string(),
                 "make the study's directory one that every node can write to");
}

void close_attempt(const AttemptFiles& attempt) {
  std::ofstream(attempt.directory / kClosed).flush();
}

bool is_closed(const AttemptFiles& attempt) { return lists(attempt.directory, kClosed); }

bool is_replaced(const AttemptFiles& attempt, int run) {
  return last_run(attempt) > run || is_closed(attempt);
}

}  // namespace etalon

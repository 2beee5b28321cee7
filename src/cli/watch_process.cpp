#include "cli/watch_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

// A group of its own, so that Ctrl-C in the terminal stops the study and not what shows it; and no
// input.
class SpawnSettings {
 public:
  SpawnSettings() {
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawnattr_t* attributes() const { return &attributes_; }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

}  // namespace

WatchProcess::WatchProcess(const std::string& study_directory) {
  std::string program = "etalon", command = "watch", study = study_directory, flag = "--beside";
  std::string parent = fmt::format("{}", getpid());
  const std::array<char*, 6> arguments = {program.data(), command.data(), study.data(),
                                          flag.data(),    parent.data(),  nullptr};
  const SpawnSettings settings;
  const int error = posix_spawn(&process_, "/proc/self/exe", settings.actions(),
                                settings.attributes(), arguments.data(), environ);
  if (error == 0) return;
  throw RunError(fmt::format("the page cannot be started: {}", std::strerror(error)), "--watch",
                 "leave it out, and run etalon watch by itself");
}

WatchProcess::~WatchProcess() {
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
}

std::unique_ptr<WatchProcess> watch_process(bool is_asked_for, const std::string& study_directory) {
  return is_asked_for ? std::make_unique<WatchProcess>(study_directory) : nullptr;
}

}  // namespace etalon::cli

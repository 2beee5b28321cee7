#include "slurm/tool_run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::chrono::minutes kLongest(2);

bool passes_on(std::string_view variable) {
  if (variable.starts_with("SLURM_CONF=")) return true;
  constexpr std::array<std::string_view, 4> kKept = {"SLURM_", "SLURMD_", "SQUEUE_", "SCANCEL_"};
  return std::none_of(kKept.begin(), kKept.end(),
                      [&](std::string_view prefix) { return variable.starts_with(prefix); });
}

std::vector<char*> environment_of_tools() {
  std::vector<char*> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (passes_on(*entry)) variables.push_back(*entry);
  }
  variables.push_back(nullptr);
  return variables;
}

std::string text_in(int file) {
  std::string text;
  std::array<char, 65536> piece{};
  for (off_t at = 0;;) {
    const ssize_t count = pread(file, piece.data(), piece.size(), at);
    if (count <= 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(count));
    at += count;
  }
}

[[noreturn]] void refuse(const std::string& tool, int error) {
  throw RunError(fmt::format("cannot run {} ({})", tool, std::strerror(error)), "",
                 "run the study where Slurm's commands are");
}

}  // namespace

ToolRun::ToolRun(const std::vector<std::string>& command)
    : name_(command.front()),
      output_(memfd_create("output", MFD_CLOEXEC)),
      errors_(memfd_create("errors", MFD_CLOEXEC)) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output_, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors_, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // Ctrl-C at the study's terminal is the study's to answer.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> environment = environment_of_tools();
  const int error = posix_spawnp(&process_, arguments[0], &actions, &attributes, arguments.data(),
                                 environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    close(output_);
    close(errors_);
    refuse(command.front(), error);
  }
  ended_ = static_cast<int>(syscall(SYS_pidfd_open, process_, 0));
}

ToolRun::~ToolRun() {
  if (!reaped_) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  for (const int file : {output_, errors_, ended_}) {
    if (file >= 0) close(file);
  }
}

bool ToolRun::has_ended() {
  if (reaped_) return true;
  if (std::chrono::steady_clock::now() - start_ > kLongest) kill(process_, SIGKILL);
  int status = 0;
  reaped_ = waitpid(process_, &status, WNOHANG) == process_;
  if (reaped_ && WIFEXITED(status)) exit_code_ = WEXITSTATUS(status);
  return reaped_;
}

std::string ToolRun::output() const { return text_in(output_); }

std::string ToolRun::errors() const {
  std::string text = text_in(errors_);
  while (text.ends_with('\n')) text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.empty() ? name_ + ": it was ended" : shortened(printable(text), 300);
}

}  // namespace etalon

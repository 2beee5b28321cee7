#include "program/supervisor_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "etalon/error.hpp"

namespace etalon {
namespace {

[[noreturn]] void refuse_to_start(int error) {
  throw RunError(fmt::format("cannot start the supervisor of a trial ({})", std::strerror(error)),
                 "", "end other programs, or raise the limits on processes and files (ulimit)");
}

}  // namespace

SupervisorProcess::SupervisorProcess(std::vector<std::string> command, const AttemptFiles& files) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) refuse_to_start(errno);
  lifeline_ = ends[1];
  command.push_back(files.directory.string());
  const int error = spawn(command, ends[0], (files.directory / "supervisor.log").string());
  close(ends[0]);
  if (error != 0) {
    close(lifeline_);
    refuse_to_start(error);
  }
  ended_ = static_cast<int>(syscall(SYS_pidfd_open, process_, 0));
}

SupervisorProcess::~SupervisorProcess() {
  close(lifeline_);
  if (!reaped_) waitpid(process_, nullptr, 0);
  if (ended_ >= 0) close(ended_);
}

// Through its input and not by a signal, which whatever stands in between (srun) would take for
// itself.
void SupervisorProcess::stop() const {
  send(lifeline_, "", 1, MSG_NOSIGNAL);
  wake();  // one that is halted would not hear
}

void SupervisorProcess::wake() const { ::kill(process_, SIGCONT); }

void SupervisorProcess::kill() const { ::kill(process_, SIGKILL); }

bool SupervisorProcess::has_ended() {
  if (!reaped_) reaped_ = waitpid(process_, nullptr, WNOHANG) != 0;
  return reaped_;
}

// In a session of its own, so that Ctrl-C at the study's terminal does not reach it.
int SupervisorProcess::spawn(const std::vector<std::string>& command, int lifeline,
                             const std::string& log) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, lifeline, STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_EXCL, 0666);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  const int error =
      posix_spawnp(&process_, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace etalon

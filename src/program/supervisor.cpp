#include "program/supervisor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "etalon/error.hpp"
#include "program/process_tree.hpp"

namespace etalon {
namespace {

using SupervisorClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Between looks at what is left of a tree that is being stopped.
constexpr milliseconds kStopInterval(20);
// Killed processes that are still there after so long hang in the kernel; nobody can end them.
constexpr milliseconds kAfterKill(30'000);
// Between questions whether the attempt is still this supervisor's.
constexpr milliseconds kWithdrawnInterval(2'000);
// Whatever ended the program of a job may be about to reach its supervisor too.
constexpr milliseconds kAfterJob(200);

RunError cannot(const char* what) {
  return RunError(std::string("cannot ") + what + " (" + std::strerror(errno) + ")", "", "");
}

// SIGCHLD and what asks to stop, as reads of a descriptor.
int signals_as_reads() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  sigprocmask(SIG_SETMASK, &set, nullptr);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool matches(std::string_view name, std::string_view pattern) {
  if (!pattern.ends_with('*')) return name == pattern;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

void change_environment(const Launch& launch) {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    names.emplace_back(text.substr(0, text.find('=')));
  }
  for (const std::string& pattern : launch.unset) {
    for (const std::string& name : names) {
      if (matches(name, pattern)) unsetenv(name.c_str());
    }
  }
  for (const auto& [name, value] : launch.environment) setenv(name.c_str(), value.c_str(), 1);
}

// By which everything that the program starts can be found, should its supervisor be killed.
void mark_environment(const AttemptFiles& files) {
  setenv(kAttemptVariable, files.directory.c_str(), 1);
}

// Where the program's output goes: a new file that grows at its end, whoever writes.
int new_file(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0) throw cannot(("make " + path.string()).c_str());
  return file;
}

void reset_signals() {
  for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Started, or not and why.
struct Started {
  pid_t process = 0;
  std::string error;
};

// In the child: never returns. What fails is told through `failure`, which a program that starts
// closes unread.
[[noreturn]] void become_program(const Launch& launch, int output, int errors, int failure) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setsid();
  reset_signals();
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& argument : launch.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  const int error = errno;
  [[maybe_unused]] const ssize_t told = write(failure, &error, sizeof error);
  _exit(127);
}

Started start_program(const Launch& launch, const AttemptFiles& files) {
  const int output = new_file(files.output), errors = new_file(files.errors);
  std::array<int, 2> failure{};
  if (pipe2(failure.data(), O_CLOEXEC) != 0) throw cannot("make a pipe");
  const pid_t process = fork();
  if (process < 0) return {0, std::string("cannot start a process: ") + std::strerror(errno)};
  if (process == 0) become_program(launch, output, errors, failure[1]);
  for (const int file : {output, errors, failure[1]}) close(file);
  int error = 0;
  const bool failed = read(failure[0], &error, sizeof error) == sizeof error;
  close(failure[0]);
  if (!failed) return {process, ""};
  return {process, "cannot start " + launch.arguments[0] + ": " + std::strerror(error)};
}

class Supervision {
 public:
  Supervision(const AttemptFiles& files, int lifeline, std::function<bool()> is_withdrawn)
      : files_(files),
        launch_(read_launch(files)),
        lifeline_(lifeline),
        is_withdrawn_(std::move(is_withdrawn)) {}

  AttemptStatus run() {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    signals_ = signals_as_reads();
    if (signals_ < 0) throw cannot("hear of signals");
    change_environment(launch_);
    mark_environment(files_);
    Started started = start_program(launch_, files_);
    program_ = started.process;
    status_.error = std::move(started.error);
    while (reap() && !gave_up()) {
      stop_what_must_stop();
      wait_for_news();
    }
    status_.seconds = std::chrono::duration<double>(SupervisorClock::now() - start_).count();
    if (is_withdrawn_) hear_late_signal();
    return status_;
  }

 private:
  milliseconds since_start() const {
    return std::chrono::duration_cast<milliseconds>(SupervisorClock::now() - start_);
  }
  milliseconds since_stop() const {
    return std::chrono::duration_cast<milliseconds>(SupervisorClock::now() - *stopped_at_);
  }
  bool gave_up() const { return stopped_at_ && since_stop() > launch_.grace + kAfterKill; }

  // Whether anything is left to wait for.
  bool reap() {
    int status = 0;
    rusage usage{};
    pid_t process = 0;
    while ((process = wait4(-1, &status, WNOHANG, &usage)) > 0) {
      status_.peak_memory_bytes =
          std::max<std::int64_t>(status_.peak_memory_bytes, usage.ru_maxrss * std::int64_t{1024});
      if (process == program_) end_program(status);
    }
    return process == 0;
  }

  void end_program(int status) {
    ended_ = true;
    if (!status_.error.empty()) return;
    if (WIFEXITED(status)) status_.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) status_.signal = WTERMSIG(status);
  }

  // The time until something is to be done though nothing happens; -1: for ever.
  int patience() const {
    if (stopped_at_) return static_cast<int>(kStopInterval.count());
    const std::int64_t most = is_withdrawn_ ? kWithdrawnInterval.count() : 1'000'000;
    if (!launch_.limit) return is_withdrawn_ ? static_cast<int>(most) : -1;
    return static_cast<int>(
        std::clamp<std::int64_t>((*launch_.limit - since_start()).count() + 1, 0, most));
  }

  void wait_for_news() {
    std::array<pollfd, 2> heard = {{{signals_, POLLIN, 0}, {lifeline_, POLLIN, 0}}};
    poll(heard.data(), heard.size(), patience());
    hear_signals();
    if (heard[1].revents != 0) hear_lifeline();
  }

  void hear_signals() {
    signalfd_siginfo signal{};
    while (read(signals_, &signal, sizeof signal) == sizeof signal) {
      if (signal.ssi_signo != SIGCHLD) stop(StopCause::asked);
    }
  }

  void hear_lifeline() {
    char byte = 0;
    if (read(lifeline_, &byte, 1) > 0) return stop(StopCause::asked);
    lifeline_ = -1;
    stop(StopCause::orphaned);
  }

  void hear_late_signal() {
    pollfd heard{signals_, POLLIN, 0};
    poll(&heard, 1, static_cast<int>(kAfterJob.count()));
    hear_signals();
  }

  void stop_what_must_stop() {
    if (launch_.limit && since_start() >= *launch_.limit) stop(StopCause::timed_out);
    if (is_withdrawn()) stop(StopCause::replaced);
    if (ended_ && !stopped_at_) begin_to_stop();  // what it left behind
    if (stopped_at_) signal_tree();
  }

  bool is_withdrawn() {
    if (!is_withdrawn_ || SupervisorClock::now() < ask_next_) return false;
    ask_next_ = SupervisorClock::now() + kWithdrawnInterval;
    return is_withdrawn_();
  }

  void stop(StopCause reason) {
    const bool may_have_ended_it = is_withdrawn_ && reason == StopCause::asked;
    if ((ended_ && !may_have_ended_it) || status_.stopped != StopCause::none) return;
    status_.stopped = reason;
    begin_to_stop();
  }

  void begin_to_stop() {
    if (!stopped_at_) stopped_at_ = SupervisorClock::now();
  }

  // Each process is asked once, and killed once the grace is over; so are those that it starts
  // meanwhile.
  void signal_tree() {
    const bool kill_now = since_stop() >= launch_.grace;
    for (const pid_t process : descendants_of(getpid())) {
      if (kill_now) {
        kill(process, SIGKILL);
      } else if (std::find(asked_.begin(), asked_.end(), process) == asked_.end()) {
        asked_.push_back(process);
        kill(process, SIGTERM);
        kill(process, SIGCONT);  // one that is halted would not hear
      }
    }
  }

  const AttemptFiles& files_;
  const Launch launch_;
  int lifeline_;
  const std::function<bool()> is_withdrawn_;
  SupervisorClock::time_point ask_next_{};
  int signals_ = -1;
  pid_t program_ = 0;
  bool ended_ = false;
  const SupervisorClock::time_point start_ = SupervisorClock::now();
  std::optional<SupervisorClock::time_point> stopped_at_;
  std::vector<pid_t> asked_;
  AttemptStatus status_;
};

}  // namespace

void supervise(const AttemptFiles& files, int lifeline) {
  write_status(files, Supervision(files, lifeline, {}).run());
}

void supervise_job(const AttemptFiles& files, const std::function<bool()>& is_withdrawn) {
  write_status(files, Supervision(files, -1, is_withdrawn).run());
}

}  // namespace etalon

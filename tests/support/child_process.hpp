// Another process for a test: a fork that runs a function and exits.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace etalon::testing {

// Runs `function(say)` in a child; what it says arrives here. An exception's message is said too.
// The child is killed, if need be, and reaped at the end of the scope.
class ChildProcess {
 public:
  using Say = std::function<void(std::string_view)>;

  explicit ChildProcess(const std::function<void(const Say&)>& function) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) throw std::runtime_error("pipe failed");
    pid_ = fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) {
      close(ends[0]);
      run(function, ends[1]);
    }
    close(ends[1]);
    output_ = ends[0];
  }
  ~ChildProcess() {
    kill();
    close(output_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // The next bytes it says; empty when it has ended.
  std::string listen() {
    std::array<char, 4096> bytes{};
    const ssize_t length = read(output_, bytes.data(), bytes.size());
    return {bytes.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
  }

  // Everything it says until it ends.
  std::string listen_to_end() {
    std::string all;
    for (std::string part = listen(); !part.empty(); part = listen()) all += part;
    return all;
  }

  // Ends it with SIGKILL and waits until it is gone.
  void kill() {
    if (reaped_) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    reaped_ = true;
  }

 private:
  [[noreturn]] static void run(const std::function<void(const Say&)>& function, int output) {
    const Say say = [output](std::string_view text) {
      if (write(output, text.data(), text.size()) < 0) _exit(EXIT_FAILURE);
    };
    try {
      function(say);
    } catch (const std::exception& error) {
      say(error.what());
    }
    _exit(EXIT_SUCCESS);
  }

  pid_t pid_ = -1;
  int output_ = -1;
  bool reaped_ = false;
};

// Gives up root's right to read and write everything, in a child process.
inline void become_nobody() {
  constexpr unsigned kNobody = 65534;
  if (geteuid() == 0 && (setgid(kNobody) != 0 || setuid(kNobody) != 0)) {
    throw std::runtime_error("cannot give up root's rights");
  }
}

}  // namespace etalon::testing

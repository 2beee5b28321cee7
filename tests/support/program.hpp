// Runs a program as a user does, without a shell: arguments, environment, standard input closed.
// What it prints goes to files, so that it never waits for a reader.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/temporary_directory.hpp"

namespace etalon::testing {

struct ProgramResult {
  int exit_code = -1;  // 128 + the signal that ended it
  std::string out;     // empty where standard output was sent elsewhere
  std::string err;
};

struct ProgramOptions {
  std::vector<std::string> environment = {};  // "NAME=value", on top of the test's own
  std::string standard_output = {};           // a path to write to instead; "closed" closes it
  std::string standard_error = {};            // the same
  std::optional<int> output_descriptor = {};  // an open file for standard output
  std::optional<rlim_t> file_size = {};       // bytes that no file it writes may exceed
};

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A limit that programs started in its scope inherit.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::optional<rlim_t> bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limited = before_;
    if (bytes) limited.rlim_cur = *bytes;
    setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

// A program that runs; killed, if need be, and reaped at the end of the scope.
class Program {
 public:
  Program(const std::string& path, const std::vector<std::string>& arguments,
          const ProgramOptions& options = {}) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addclose(&actions, STDIN_FILENO);
    if (options.output_descriptor) {
      posix_spawn_file_actions_adddup2(&actions, *options.output_descriptor, STDOUT_FILENO);
    } else {
      send(actions, STDOUT_FILENO, options.standard_output, out());
    }
    send(actions, STDERR_FILENO, options.standard_error, err());
    std::vector<std::string> words = {path};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> settings = options.environment;
    for (char** setting = environ; *setting != nullptr; ++setting) settings.emplace_back(*setting);
    const FileSizeLimit limit(options.file_size);
    const int error = posix_spawn(&pid_, path.c_str(), &actions, nullptr, pointers(words).data(),
                                  pointers(settings).data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot run " + path + ": " + std::strerror(error));
  }
  ~Program() {
    if (!status_) {
      signal(SIGKILL);
      wait();
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void signal(int number) const { ::kill(pid_, number); }
  std::filesystem::path out() const { return directory_.path() / "out"; }
  std::filesystem::path err() const { return directory_.path() / "err"; }

  // True once it has ended by itself or by a signal; false after `seconds`.
  bool ended_within(double seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (!has_ended()) {
      if (std::chrono::steady_clock::now() >= end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  // Waits for the end; a program that takes longer than `timeout_seconds` is killed.
  ProgramResult wait(double timeout_seconds = 120) {
    if (!ended_within(timeout_seconds)) signal(SIGKILL);
    ended_within(1e9);
    const int code = WIFEXITED(*status_) ? WEXITSTATUS(*status_) : 128 + WTERMSIG(*status_);
    return {code, read_text(out()), read_text(err())};
  }

 private:
  static void send(posix_spawn_file_actions_t& actions, int stream, const std::string& target,
                   const std::string& file) {
    if (target == "closed") {
      posix_spawn_file_actions_addclose(&actions, stream);
    } else {
      posix_spawn_file_actions_addopen(&actions, stream, (target.empty() ? file : target).c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0600);
    }
  }

  static std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> all;
    for (std::string& word : words) all.push_back(word.data());
    all.push_back(nullptr);
    return all;
  }

  bool has_ended() {
    int status = 0;
    if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    return status_.has_value();
  }

  TemporaryDirectory directory_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

inline ProgramResult run_program(const std::string& path, const std::vector<std::string>& arguments,
                                 const ProgramOptions& options = {}) {
  return Program(path, arguments, options).wait();
}

}  // namespace etalon::testing

#include "core/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <thread>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void fail_to_lock(const std::filesystem::path& path, int error) {
  throw RunError(fmt::format("the lock file cannot be made: {}", std::strerror(error)),
                 path.string(), "choose a directory that can be written to");
}

// What is no plain file with one name is somebody else's, and what is written to it may be too.
[[noreturn]] void refuse_lock_file(const std::filesystem::path& path) {
  throw RunError("there is something else in the place of the lock file", path.string(),
                 "remove it, or choose a directory that others cannot write to");
}

bool is_plain_file(int descriptor) {
  struct stat file {};
  return fstat(descriptor, &file) == 0 && S_ISREG(file.st_mode) && file.st_nlink <= 1;
}

// Closed on exec: a program that a workload launches must not inherit the lock. A FIFO would block.
int open_lock_file(const std::filesystem::path& path) {
  const int descriptor =
      open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
  if (descriptor < 0) {
    if (errno == ELOOP || errno == EISDIR || errno == ENXIO) refuse_lock_file(path);
    fail_to_lock(path, errno);
  }
  if (is_plain_file(descriptor)) return descriptor;
  close(descriptor);
  refuse_lock_file(path);
}

// The process id that the holder wrote, or "unknown" in the instant before it does.
std::string lock_holder(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return "unknown";
  std::array<char, 32> text{};
  const ssize_t length = pread(descriptor, text.data(), text.size() - 1, 0);
  close(descriptor);
  const std::string process(text.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  const bool is_number = process.find_first_not_of("0123456789") == std::string::npos;
  return is_number && !process.empty() ? process : "unknown";
}

std::filesystem::path lock_path(const std::filesystem::path& file) {
  return file.string() + std::string(kLockEnding);
}

}  // namespace

bool names_open_file(int descriptor, const std::filesystem::path& path) {
  struct stat open_file {};
  struct stat named_file {};
  return fstat(descriptor, &open_file) == 0 && lstat(path.c_str(), &named_file) == 0 &&
         open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

FileLock::FileLock(const std::filesystem::path& file, std::string_view what)
    : path_(lock_path(file)) {
  if (try_lock()) return;
  throw InputError(fmt::format("process {} is working on this {}", lock_holder(path_), what),
                   file.string(), fmt::format("wait for it to end, or choose another {}", what));
}

std::unique_ptr<FileLock> FileLock::wait(const std::filesystem::path& file,
                                         std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  std::unique_ptr<FileLock> lock(new FileLock);
  lock->path_ = lock_path(file);
  for (auto pause = 1ms; !lock->try_lock(); pause = std::min(2 * pause, 16ms)) {
    if (std::chrono::steady_clock::now() >= end) return nullptr;
    std::this_thread::sleep_for(pause);
  }
  return lock;
}

FileLock::~FileLock() {
  if (descriptor_ < 0) return;
  // Where the file was removed meanwhile, its name is another's.
  if (names_open_file(descriptor_, path_)) unlink(path_.c_str());
  close(descriptor_);
}

bool FileLock::try_lock() {
  while (true) {
    const int descriptor = open_lock_file(path_);
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      close(descriptor);
      return false;
    }
    descriptor_ = descriptor;
    if (names_open_file(descriptor, path_)) break;
    descriptor_ = -1;
    close(descriptor);
  }
  write_process_id();
  return true;
}

void FileLock::write_process_id() {
  const std::string process = std::to_string(getpid());
  if (ftruncate(descriptor_, 0) == 0 &&
      pwrite(descriptor_, process.data(), process.size(), 0) >= 0) {
    return;
  }
  const int error = errno;
  close(descriptor_);
  descriptor_ = -1;
  fail_to_lock(path_, error);
}

}  // namespace etalon

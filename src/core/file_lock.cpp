#include "core/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "etalon/error.hpp"

namespace etalon {
namespace {

// The process id that the holder wrote, or "unknown" in the instant before it does.
std::string holder(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t length = pread(descriptor, text.data(), text.size() - 1, 0);
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : "unknown";
}

[[noreturn]] void fail(const std::filesystem::path& path) {
  const int error = errno;
  throw RunError(fmt::format("the lock file cannot be made: {}", std::strerror(error)),
                 path.string(), "choose a directory that can be written to");
}

// Whether the path still names the file that is open: its last holder may have removed it between
// our open and our lock.
bool is_current(int descriptor, const std::filesystem::path& path) {
  struct stat open_file {};
  struct stat named_file {};
  return fstat(descriptor, &open_file) == 0 && stat(path.c_str(), &named_file) == 0 &&
         open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& file) : path_(file.string() + ".lock") {
  while (true) {
    // Closed on exec: a program that a workload launches must not inherit the lock.
    descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail(path_);
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const std::string process = holder(descriptor_);
      close(descriptor_);
      throw InputError(fmt::format("process {} is working on this study", process), file.string(),
                       "wait for it to end, or choose another --out");
    }
    if (is_current(descriptor_, path_)) break;
    close(descriptor_);
  }
  const std::string process = std::to_string(getpid());
  if (ftruncate(descriptor_, 0) != 0 ||
      pwrite(descriptor_, process.data(), process.size(), 0) < 0) {
    const int error = errno;
    close(descriptor_);
    errno = error;
    fail(path_);
  }
}

FileLock::~FileLock() {
  unlink(path_.c_str());
  close(descriptor_);
}

}  // namespace etalon

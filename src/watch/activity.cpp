#include "watch/activity.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>

#include "core/file_lock.hpp"
#include "watch/live_file.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLocks = "/proc/locks";

// The kernel names a locked file by its device and inode: " 08:01:1234 ". The device's numbers of
// some file systems are not those of stat, so that the inode has to do.
bool lists_lock_on(const fs::path& list, ino_t inode) {
  const std::string name = fmt::format(":{} ", inode);
  std::ifstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("FLOCK") != std::string::npos && line.find(name) != std::string::npos)
      return true;
  }
  return false;
}

}  // namespace

std::optional<bool> is_worked_on(const fs::path& study_file) {
  struct stat lock {};
  const fs::path path = study_file.string() + std::string(kLockEnding);
  if (lstat(path.c_str(), &lock) != 0) return false;  // given up in peace
  std::error_code ignored;
  if (!fs::exists(kLocks, ignored)) return std::nullopt;
  if (lists_lock_on(kLocks, lock.st_ino)) return true;
  return std::nullopt;
}

std::optional<double> seconds_since_change(const fs::path& study_file) {
  std::optional<fs::file_time_type> last;
  const auto see = [&](const fs::path& path) {
    std::error_code error;
    const auto time = fs::last_write_time(path, error);
    if (!error) last = std::max(last.value_or(time), time);
  };
  see(study_file);
  see(study_file.string() + "-wal");
  std::error_code error;
  const fs::path live = live_directory(study_file.parent_path());
  for (fs::directory_iterator at(live, error), end; !error && at != end; at.increment(error)) {
    see(at->path());
  }
  if (!last) return std::nullopt;
  const std::chrono::duration<double> age = fs::file_time_type::clock::now() - *last;
  return std::max(0.0, age.count());
}

}  // namespace etalon

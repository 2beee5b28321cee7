// A lock that one process at a time holds on a file, by holding a second file beside it.
//
// The kernel keeps the lock (flock), so it ends with its holder, however that ends. The lock file,
// `FILE.lock`, holds the process id of the holder in decimal; it is removed when the lock is given
// up in peace, and a file that stayed behind means nothing.
#pragma once

#include <filesystem>

namespace etalon {

class FileLock {
 public:
  // Locks `file`. Throws `InputError` naming the process that holds the lock already (it may be
  // this one), `RunError` if the lock file cannot be made.
  explicit FileLock(const std::filesystem::path& file);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace etalon

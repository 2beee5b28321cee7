// A lock that one process at a time holds on a file, by holding a second file beside it.
//
// The kernel keeps the lock (flock), so it ends with its holder, however that ends. The lock file,
// `FILE.lock`, holds the process id of the holder in decimal; it is removed when the lock is given
// up in peace, and a file that stayed behind means nothing. A link or anything but a plain file of
// that name is refused, never followed or written to.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string_view>

namespace etalon {

inline constexpr std::string_view kLockEnding = ".lock";

// Whether the path still names the file that is open; false once somebody took it away, as the last
// holder of a lock may between another's open and lock.
bool names_open_file(int descriptor, const std::filesystem::path& path);

class FileLock {
 public:
  // Locks `file`, which is `what` ("study", "checkpoint") in errors. Throws `InputError` naming the
  // process that holds the lock already (it may be this one), `RunError` if the lock file cannot be
  // made.
  explicit FileLock(const std::filesystem::path& file, std::string_view what = "study");
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  // The lock once those before have given it up; none when that takes longer than `patience`.
  // Throws as above, but for a lock that is held.
  static std::unique_ptr<FileLock> wait(const std::filesystem::path& file,
                                        std::chrono::milliseconds patience);

 private:
  FileLock() = default;
  bool try_lock();  // false when another holds it
  void write_process_id();

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace etalon

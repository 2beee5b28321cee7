#include "core/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "etalon/error.hpp"

namespace etalon {
namespace {

// A temporary file that removes itself unless it was renamed into place.
class TemporaryFile {
 public:
  TemporaryFile(std::filesystem::path target, std::string_view flag)
      : target_(std::move(target)),
        flag_(flag),
        path_(target_.parent_path() /
              fmt::format(".{}.{}.tmp", target_.filename().string(), getpid())) {
    fd_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd_ < 0) fail("cannot create the file");
  }
  ~TemporaryFile() {
    if (fd_ >= 0) close(fd_);
    if (!renamed_) unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write_all(std::string_view contents) {
    while (!contents.empty()) {
      const ssize_t written = write(fd_, contents.data(), contents.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail("cannot write the file");
      contents.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void rename_into_place() {
    if (fsync(fd_) != 0) fail("cannot write the file to the disk");
    const int fd = fd_;
    fd_ = -1;
    if (close(fd) != 0) fail("cannot close the file");
    if (rename(path_.c_str(), target_.c_str()) != 0) fail("cannot put the file in place");
    renamed_ = true;
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    const std::string reason = std::system_category().message(errno);
    throw RunError(fmt::format("{}: {}", what, reason), target_.string(),
                   fmt::format("free some space or choose another {}", flag_));
  }

  const std::filesystem::path target_;
  const std::string flag_;
  const std::filesystem::path path_;
  int fd_ = -1;
  bool renamed_ = false;
};

}  // namespace

void write_file_atomically(const std::filesystem::path& path, std::string_view contents,
                           std::string_view flag) {
  TemporaryFile file(path, flag);
  file.write_all(contents);
  file.rename_into_place();
}

}  // namespace etalon

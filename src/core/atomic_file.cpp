#include "core/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <system_error>

#include "core/file_lock.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporaryPrefix = ".etalon-";
constexpr std::string_view kTemporarySuffix = ".tmp";

std::string another(std::string_view field) {
  return fmt::format("choose another {}", field_name(field));
}

std::string advice_on(int error, std::string_view field) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EIO:
    case EFBIG:
      return "free some space, or " + another(field);
    case ENOENT:
      return "make its directory first, or " + another(field);
    default:
      return another(field);
  }
}

template <typename Failure>
[[noreturn]] void fail_to_write(std::string_view what, int error, const fs::path& path,
                                std::string_view field) {
  throw Failure(fmt::format("{}: {}", what, std::system_category().message(error)), path.string(),
                advice_on(error, field));
}

struct Closing {
  int descriptor = -1;
  explicit Closing(int opened) : descriptor(opened) {}
  ~Closing() {
    if (descriptor >= 0) ::close(descriptor);
  }
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
};

// False with errno set.
bool write_all(int descriptor, std::string_view contents) {
  while (!contents.empty()) {
    const ssize_t written = ::write(descriptor, contents.data(), contents.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    contents.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::optional<struct stat> status_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

bool takes_text(const struct stat& status) {
  return S_ISCHR(status.st_mode) || S_ISFIFO(status.st_mode);
}

// The file that a chain of links leads to, whether it is there or not.
fs::path behind_links(fs::path path) {
  constexpr int kMostLinks = 40;
  std::error_code error;
  for (int i = 0; i < kMostLinks; ++i) {
    const fs::path target = fs::read_symlink(path, error);
    if (error) return path;
    path = target.is_absolute() ? target : path.parent_path() / target;
  }
  return path;
}

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

std::string unguessable_name() {
  std::random_device source;
  return fmt::format("{}{:08x}{:08x}{}", kTemporaryPrefix, source(), source(), kTemporarySuffix);
}

bool is_temporary(const std::string& name) {
  const std::size_t length = kTemporaryPrefix.size() + 16 + kTemporarySuffix.size();
  return name.size() == length && name.starts_with(kTemporaryPrefix) &&
         name.ends_with(kTemporarySuffix);
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Removes a temporary file whose writer is gone: nobody holds its lock.
void remove_if_left_behind(const fs::path& path) {
  const Closing file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.descriptor < 0 || ::flock(file.descriptor, LOCK_EX | LOCK_NB) != 0) return;
  if (names_open_file(file.descriptor, path)) ::unlink(path.c_str());
}

// Once per directory and process: to look through a large one takes its time.
void remove_leftovers(const fs::path& directory) {
  static std::mutex mutex;
  static std::set<std::string> seen;
  {
    const std::lock_guard lock(mutex);
    if (!seen.insert(directory.string()).second) return;
  }
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (is_temporary(entry->path().filename().string())) remove_if_left_behind(entry->path());
  }
}

// A new file beside `target` that removes itself unless it was renamed over it.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target) : target_(target) {
    constexpr int kTries = 100;
    for (int i = 0; i < kTries && file_ < 0; ++i) {
      path_ = directory_of(target_) / unguessable_name();
      file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
      if (file_ < 0 && errno != EEXIST) return;
      // Between the two lines above, somebody may take it for one that was left behind.
      if (file_ >= 0 && !hold()) close_file();
    }
  }
  ~TemporaryFile() {
    if (file_ < 0) return;
    if (!renamed_) ::unlink(path_.c_str());
    ::close(file_);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  // As below, false with errno set.
  bool is_open() const { return file_ >= 0; }

  bool put(std::string_view contents) {
    if (const auto old = status_of(target_)) keep_mode(*old);
    if (!write_all(file_, contents) || ::fsync(file_) != 0) return false;
    if (::rename(path_.c_str(), target_.c_str()) != 0) return false;
    renamed_ = true;
    return true;
  }

 private:
  bool hold() const {
    const bool locked = ::flock(file_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    return locked && names_open_file(file_, path_);
  }

  void close_file() {
    ::close(file_);
    file_ = -1;
  }

  // Owner first, for that may take bits of the mode away. What is not allowed is not done.
  void keep_mode(const struct stat& old) const {
    if (!S_ISREG(old.st_mode)) return;
    const bool owned = ::fchown(file_, old.st_uid, old.st_gid) == 0;
    ::fchmod(file_, old.st_mode & (owned ? 07777u : 0777u));
  }

  const fs::path target_;
  fs::path path_;
  int file_ = -1;
  bool renamed_ = false;
};

// So that the new name survives a loss of power; not every file system can.
void sync_directory(const fs::path& directory) {
  const Closing opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.descriptor >= 0) ::fsync(opened.descriptor);
}

// Without waiting for the reader of a pipe that may never come.
void write_through(const fs::path& path, std::string_view contents, std::string_view field) {
  const Closing file(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (file.descriptor < 0) fail_to_write<RunError>("cannot open it", errno, path, field);
  ::fcntl(file.descriptor, F_SETFL, ::fcntl(file.descriptor, F_GETFL) & ~O_NONBLOCK);
  if (write_all(file.descriptor, contents)) return;
  if (errno == EPIPE) return;  // whoever read it has seen what it wanted
  fail_to_write<RunError>("cannot write to it", errno, path, field);
}

[[noreturn]] void refuse_output(std::string_view what, const fs::path& path,
                                std::string_view field) {
  throw InputError(fmt::format("{} is {}", field_name(field), what), path.string(),
                   "name a file instead");
}

// What is there already, if it is something to write to.
std::optional<struct stat> check_what_is_there(const fs::path& path, std::string_view field) {
  if (path.empty())
    throw InputError(fmt::format("{} is empty", field_name(field)), "", "name a file");
  const auto status = status_of(path);
  if (!status || S_ISREG(status->st_mode) || takes_text(*status)) return status;
  refuse_output(S_ISDIR(status->st_mode) ? "a directory" : "no file that text can be written to",
                path, field);
}

// Files that SQLite and we keep beside a database; they are the input too.
constexpr std::string_view kBesideAnInput[] = {"", "-wal", "-shm", "-journal", kLockEnding};

fs::path place_of(const fs::path& path) {
  std::error_code error;
  const fs::path place = fs::weakly_canonical(fs::absolute(behind_links(path), error), error);
  return error ? path : place;
}

bool is_one_file(const fs::path& output, const fs::path& input) {
  const auto a = status_of(output);
  const auto b = status_of(input);
  if (a && b) return same_file(*a, *b) && S_ISREG(a->st_mode);
  return !a && place_of(output) == place_of(input);
}

bool is_lock_of(const NamedPath& lock, const NamedPath& file) {
  return is_one_file(lock.path, file.path.string() + std::string(kLockEnding));
}

bool would_replace(const fs::path& output, const fs::path& input) {
  for (const std::string_view suffix : kBesideAnInput) {
    if (is_one_file(output, input.string() + std::string(suffix))) return true;
  }
  return false;
}

}  // namespace

void write_file_atomically(const fs::path& path, std::string_view contents,
                           std::string_view field) {
  const auto status = check_what_is_there(path, field);
  if (status && takes_text(*status)) return write_through(path, contents, field);
  const fs::path target = behind_links(path);
  remove_leftovers(directory_of(target));
  TemporaryFile file(target);
  if (!file.is_open()) fail_to_write<RunError>("cannot create the file", errno, path, field);
  if (!file.put(contents)) fail_to_write<RunError>("cannot write the file", errno, path, field);
  sync_directory(directory_of(target));
}

void check_output(const fs::path& path, std::string_view field) {
  const auto status = check_what_is_there(path, field);
  if (status && takes_text(*status)) {
    if (::access(path.c_str(), W_OK) == 0) return;
    fail_to_write<InputError>("cannot write to it", errno, path, field);
  }
  const fs::path target = behind_links(path);
  if (!TemporaryFile(target).is_open()) {
    fail_to_write<InputError>("cannot create the file", errno, path, field);
  }
}

void check_outputs_apart(std::span<const NamedPath> outputs, std::span<const NamedPath> inputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const NamedPath& output = outputs[i];
    if (output.path.empty()) continue;
    for (const NamedPath& input : inputs) {
      if (input.path.empty() || !would_replace(output.path, input.path)) continue;
      throw InputError(fmt::format("{} would overwrite what {} reads", field_name(output.field),
                                   field_name(input.field)),
                       output.path.string(), "name another file");
    }
    for (const NamedPath& other : outputs.subspan(i + 1)) {
      if (other.path.empty()) continue;
      if (is_lock_of(output, other) || is_lock_of(other, output)) {
        throw InputError(
            fmt::format("{} would overwrite what locks {}",
                        field_name(is_lock_of(output, other) ? output.field : other.field),
                        field_name(is_lock_of(output, other) ? other.field : output.field)),
            output.path.string(), "name another file");
      }
      if (!is_one_file(output.path, other.path)) continue;
      throw InputError(
          fmt::format("{} and {} are one file", field_name(output.field), field_name(other.field)),
          output.path.string(), "name two files");
    }
  }
}

}  // namespace etalon

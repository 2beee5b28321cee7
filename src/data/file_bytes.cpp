#include "data/file_bytes.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "etalon/error.hpp"

namespace etalon {

void refuse_at_byte(const std::string& what, const std::filesystem::path& path,
                    std::uint64_t offset, const char* what_to_do) {
  throw InputError(what, fmt::format("{} at byte {}", path.string(), offset), what_to_do);
}

void check_is_file(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (std::filesystem::is_directory(status)) {
    throw InputError("this is a directory, not a file", path.string(), "name a file");
  }
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw InputError("this is not a regular file", path.string(), "name a file");
  }
}

FileBytes::FileBytes(const std::filesystem::path& path) : path_(path) {
  check_is_file(path);
  errno = 0;
  file_.reset(gzopen(path.c_str(), "rb"));
  if (!file_) {
    fail(fmt::format("the file cannot be opened: {}", std::strerror(errno)),
         "check its name and permissions");
  }
  gzbuffer(file_.get(), 1u << 17);
}

std::size_t FileBytes::read(std::uint8_t* bytes, std::size_t count) {
  errno = 0;
  const int got = gzread(file_.get(), bytes, static_cast<unsigned>(count));
  if (got < 0 || static_cast<std::size_t>(got) < count) check(got);
  offset_ += static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

void FileBytes::read_all(std::uint8_t* bytes, std::size_t count, const char* what) {
  const std::size_t got = read(bytes, count);
  if (got < count) fail(fmt::format("the file ends within {}", what), kFetchAgain);
}

void FileBytes::fail(const std::string& what, const char* what_to_do) const {
  refuse_at_byte(what, path_, offset_, what_to_do);
}

void FileBytes::check(int got) const {
  int code = Z_OK;
  const char* message = gzerror(file_.get(), &code);
  if (code == Z_ERRNO) {
    fail(fmt::format("the file cannot be read: {}", std::strerror(errno)), "check the disk");
  }
  if (got < 0 || code != Z_OK) {
    fail(fmt::format("the compressed data are damaged ({})", message), kFetchAgain);
  }
}

}  // namespace etalon

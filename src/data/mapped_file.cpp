#include "data/mapped_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "data/file_bytes.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path) : number_(open(path.c_str(), O_RDONLY)) {
    if (number_ >= 0) return;
    throw InputError(fmt::format("the file cannot be opened: {}", std::strerror(errno)),
                     path.string(), "check its name and permissions");
  }
  ~OpenFile() { close(number_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int number() const { return number_; }
  std::size_t size() const {
    struct stat status {};
    return fstat(number_, &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
  }

 private:
  const int number_;
};

constexpr std::size_t kUnpackedChunk = std::size_t{1} << 20;

bool is_gzipped(const SharedArray<std::uint8_t>& bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

SharedArray<std::uint8_t> unpack(const std::filesystem::path& path) {
  FileBytes file(path);
  std::vector<std::uint8_t> bytes;
  for (std::size_t got = kUnpackedChunk; got == kUnpackedChunk;) {
    const std::size_t done = bytes.size();
    bytes.resize(done + kUnpackedChunk);
    got = file.read(bytes.data() + done, kUnpackedChunk);
    bytes.resize(done + got);
  }
  return SharedArray(std::move(bytes));
}

}  // namespace

SharedArray<std::uint8_t> map_file(const std::filesystem::path& path) {
  check_is_file(path);
  const OpenFile file(path);
  const std::size_t size = file.size();
  if (size == 0) return {};
  void* start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (start == MAP_FAILED) {
    throw InputError(fmt::format("the file cannot be mapped: {}", std::strerror(errno)),
                     path.string(), "check that its file system can");
  }
  const std::shared_ptr<const void> owner(
      start, [size](const void* mapped) { munmap(const_cast<void*>(mapped), size); });
  return {owner, {static_cast<const std::uint8_t*>(start), size}};
}

SharedArray<std::uint8_t> map_or_unpack(const std::filesystem::path& path) {
  SharedArray<std::uint8_t> bytes = map_file(path);
  return is_gzipped(bytes) ? unpack(path) : bytes;
}

}  // namespace etalon

// A file, plain or gzipped, read from its start to its end; and how errors in files are worded.
//
// A gzipped file may have any number of members; bytes after the last one are ignored, as gzip
// does. Whatever is wrong is an `InputError` that names the file and the byte, of the uncompressed
// data, where it went wrong; that includes a compressed file whose end is missing. One thread at a
// time.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace etalon {

inline constexpr const char* kFetchAgain = "fetch the file again";

[[noreturn]] void refuse_at_byte(const std::string& what, const std::filesystem::path& path,
                                 std::uint64_t offset, const char* what_to_do);

// Throws `InputError` unless `path` is a regular file, or none that can be asked.
void check_is_file(const std::filesystem::path& path);

class FileBytes {
 public:
  explicit FileBytes(const std::filesystem::path& path);

  // Reads up to `count` bytes; fewer only at the end of the file.
  std::size_t read(std::uint8_t* bytes, std::size_t count);

  // Reads just `count` bytes of `what`.
  void read_all(std::uint8_t* bytes, std::size_t count, const char* what);

  std::uint64_t offset() const { return offset_; }
  bool is_compressed() const { return gzdirect(file_.get()) == 0; }

  [[noreturn]] void fail(const std::string& what, const char* what_to_do) const;

 private:
  void check(int got) const;

  struct Close {
    void operator()(gzFile_s* file) const { gzclose_r(file); }
  };

  std::filesystem::path path_;
  std::unique_ptr<gzFile_s, Close> file_;
  std::uint64_t offset_ = 0;
};

}  // namespace etalon

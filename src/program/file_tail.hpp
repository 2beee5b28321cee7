// A file that another process appends to, read as it grows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace etalon {

class FileTail {
 public:
  static constexpr std::size_t kKept = 4096;  // bytes

  explicit FileTail(std::filesystem::path path) : path_(std::move(path)) {}
  ~FileTail();
  FileTail(FileTail&& other) noexcept;
  FileTail(const FileTail&) = delete;
  FileTail& operator=(const FileTail&) = delete;
  FileTail& operator=(FileTail&&) = delete;

  // What was appended since the last call, at most a mebibyte; empty where there is nothing new, or
  // no such file yet. Valid until the next call for any file in this thread.
  std::string_view read();
  // The last of all that was read.
  const std::string& end() const { return end_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::string end_;
};

}  // namespace etalon

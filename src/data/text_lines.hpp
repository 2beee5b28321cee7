// The lines of a text file, plain or gzipped, one after another, with their numbers for messages.
// A byte order mark and carriage returns before a line's end are passed over. One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/file_bytes.hpp"

namespace etalon {

class TextLines {
 public:
  explicit TextLines(const std::filesystem::path& path);

  // The next line without its end, as long as nothing else is called; false at the end of the file.
  bool next(std::string_view& line);
  std::int64_t number() const { return number_; }  // of that line, from 1

  // Throws InputError that names the file and the line of that number.
  [[noreturn]] void refuse(std::int64_t number, const std::string& what,
                           const std::string& what_to_do) const;

 private:
  bool fill();

  const std::filesystem::path path_;
  FileBytes file_;
  std::string buffer_;
  std::size_t used_ = 0;  // of the buffer
  std::int64_t number_ = 0;
};

}  // namespace etalon

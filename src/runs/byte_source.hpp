// The bytes of a text file one after another, counted: lines for messages, bytes against a bound,
// and no zero byte among them. Not safe from several threads.
#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <string_view>

#include "runs/table.hpp"

namespace etalon {

class ByteSource {
 public:
  // Passes over a byte order mark. Throws InputError for UTF-16.
  ByteSource(std::istream& input, std::string name, const TableOptions& options);

  static constexpr int kEnd = -1;
  int peek();  // kEnd at the end
  // Throw InputError for a zero byte and where a bound is passed.
  int take();

  std::size_t line() const { return line_; }  // of the next byte, from 1
  std::string place() const;
  const TableOptions& options() const { return options_; }

  // Up to the next line's end, which is not taken.
  std::string_view peek_line();
  // The next line without its end. False at the end of the text.
  bool take_line(std::string& line);
  void skip_blanks();
  // A row or object that begins at the next byte may take `most_record_bytes`.
  void start_record() { record_start_ = taken_; }

 private:
  bool fill();
  void refuse_utf16() const;
  void check_bounds() const;

  std::istream& input_;
  const std::string name_;
  const TableOptions& options_;
  std::string buffer_;
  std::size_t next_ = 0;  // in the buffer
  std::size_t line_ = 1;
  std::size_t taken_ = 0, record_start_ = 0;
};

}  // namespace etalon

// The lines of what a program prints, as a person at a terminal would have read them: a carriage
// return ends a line as a newline does (progress bars), backspaces take back, escape sequences and
// other control characters are left out.
//
// Bytes come in pieces of any size. A line longer than `kLongest` is cut there: its rest is read
// and forgotten, so that memory stays bounded whatever is printed.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace etalon {

class OutputLines {
 public:
  static constexpr std::size_t kLongest = std::size_t{64} * 1024;  // bytes
  using Hear = std::function<void(std::string_view line)>;

  explicit OutputLines(Hear hear) : hear_(std::move(hear)) {}

  // Hears every line that `bytes` completes; empty ones are left out.
  void take(std::string_view bytes);
  // Hears what is left without an end of line.
  void finish();

 private:
  enum class Escape { none, begun, sequence, string };

  void take(char byte);
  bool in_escape(char byte);

  Hear hear_;
  std::string line_;
  Escape escape_ = Escape::none;
};

}  // namespace etalon

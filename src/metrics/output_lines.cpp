#include "metrics/output_lines.hpp"

namespace etalon {
namespace {

constexpr char kEscape = '\x1b';
constexpr char kBell = '\a';

}  // namespace

void OutputLines::take(std::string_view bytes) {
  for (const char byte : bytes) take(byte);
}

void OutputLines::take(char byte) {
  if (in_escape(byte)) return;
  if (byte == '\n' || byte == '\r') {
    finish();
  } else if (byte == '\b') {
    if (!line_.empty()) line_.pop_back();
  } else if (line_.size() < kLongest && (byte == '\t' || static_cast<unsigned char>(byte) >= ' ')) {
    line_ += byte;
  }
}

// Control sequences end with a byte from '@' to '~', operating system commands with a bell or with
// ESC \; an end of line ends both, since it may be all that is left of a garbled one.
bool OutputLines::in_escape(char byte) {
  if (byte == kEscape) {
    escape_ = Escape::begun;
    return true;
  }
  const bool ends_line = byte == '\n' || byte == '\r';
  switch (escape_) {
    case Escape::none:
      return false;
    case Escape::begun:
      escape_ = byte == '[' ? Escape::sequence : byte == ']' ? Escape::string : Escape::none;
      return !ends_line;
    case Escape::sequence:
      if (ends_line || (byte >= '@' && byte <= '~')) escape_ = Escape::none;
      return !ends_line;
    case Escape::string:
      if (ends_line || byte == kBell) escape_ = Escape::none;
      return !ends_line;
  }
  return false;
}

void OutputLines::finish() {
  if (!line_.empty()) hear_(line_);
  line_.clear();
}

}  // namespace etalon

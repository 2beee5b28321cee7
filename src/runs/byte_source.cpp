#include "runs/byte_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 16;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // which spreadsheets write

}  // namespace

ByteSource::ByteSource(std::istream& input, std::string name, const TableOptions& options)
    : input_(input), name_(std::move(name)), options_(options) {
  while (buffer_.size() < 4 && fill()) {
  }
  refuse_utf16();
  if (buffer_.starts_with(kByteOrderMark)) next_ = kByteOrderMark.size();
}

std::string ByteSource::place() const { return fmt::format("{}:{}", name_, line_); }

int ByteSource::peek() {
  if (next_ == buffer_.size() && !fill()) return kEnd;
  return static_cast<unsigned char>(buffer_[next_]);
}

int ByteSource::take() {
  const int byte = peek();
  if (byte == kEnd) return kEnd;
  ++next_;
  ++taken_;
  if (byte == '\n') ++line_;
  if (byte != 0 && taken_ - record_start_ <= options_.most_record_bytes &&
      taken_ <= options_.most_bytes && line_ <= options_.most_lines) {
    return byte;
  }
  if (byte == 0) {
    throw InputError("there is a zero byte, so this is no text", place(), "give CSV or JSON");
  }
  check_bounds();
  return byte;
}

std::string_view ByteSource::peek_line() {
  buffer_.erase(0, std::exchange(next_, 0));
  std::size_t looked = 0;
  for (;;) {
    const std::size_t end = buffer_.find('\n', looked);
    if (end != std::string::npos) return std::string_view(buffer_).substr(0, end);
    looked = buffer_.size();
    if (looked > options_.most_record_bytes || !fill()) return buffer_;
  }
}

bool ByteSource::take_line(std::string& line) {
  line.clear();
  if (peek() == kEnd) return false;
  start_record();
  for (int byte = take(); byte != kEnd && byte != '\n'; byte = take()) {
    line += static_cast<char>(byte);
  }
  return true;
}

void ByteSource::skip_blanks() {
  for (int byte = peek(); byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
       byte = peek()) {
    start_record();
    take();
  }
}

// Keeps what was not taken yet.
bool ByteSource::fill() {
  buffer_.erase(0, std::exchange(next_, 0));
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kChunk);
  input_.read(buffer_.data() + had, static_cast<std::streamsize>(kChunk));
  buffer_.resize(had + static_cast<std::size_t>(input_.gcount()));
  if (options_.on_bytes) options_.on_bytes(taken_);
  return buffer_.size() > had;
}

void ByteSource::refuse_utf16() const {
  if (!is_utf16(buffer_)) return;
  throw InputError("the text is UTF-16", name_, "save it as UTF-8");
}

void ByteSource::check_bounds() const {
  if (taken_ > options_.most_bytes || line_ > options_.most_lines) {
    throw InputError(fmt::format("there are more than {} MB or {} lines", options_.most_bytes >> 20,
                                 options_.most_lines),
                     name_, "give one row a run");
  }
  throw InputError(fmt::format("a row is longer than {} kB", options_.most_record_bytes >> 10),
                   place(), "give a table of runs; is a quote never closed?");
}

}  // namespace etalon

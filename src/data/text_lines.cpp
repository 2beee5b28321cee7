#include "data/text_lines.hpp"

#include <fmt/format.h>

#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::size_t kLinesChunk = std::size_t{1} << 18;
constexpr std::size_t kLongestLine = std::size_t{1} << 26;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

TextLines::TextLines(const std::filesystem::path& path) : path_(path), file_(path) {}

// More of the file behind what is not used yet; false at its end.
bool TextLines::fill() {
  buffer_.erase(0, used_);
  used_ = 0;
  const std::size_t kept = buffer_.size();
  if (kept > kLongestLine) {
    refuse(number_ + 1, "the line is longer than 64 MB", "check that this is a text file");
  }
  buffer_.resize(kept + kLinesChunk);
  const std::size_t got =
      file_.read(reinterpret_cast<std::uint8_t*>(buffer_.data()) + kept, kLinesChunk);
  buffer_.resize(kept + got);
  return got > 0;
}

bool TextLines::next(std::string_view& line) {
  std::size_t end = buffer_.find('\n', used_);
  while (end == std::string::npos && fill()) end = buffer_.find('\n', used_);
  if (end == std::string::npos && used_ == buffer_.size()) return false;
  line = std::string_view(buffer_).substr(used_, std::min(end, buffer_.size()) - used_);
  used_ = end == std::string::npos ? buffer_.size() : end + 1;
  if (++number_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

void TextLines::refuse(std::int64_t number, const std::string& what,
                       const std::string& what_to_do) const {
  throw InputError(what, fmt::format("{} line {}", path_.string(), number), what_to_do);
}

}  // namespace etalon

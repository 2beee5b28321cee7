#include "data/npy_header.hpp"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "core/text.hpp"
#include "data/file_bytes.hpp"

namespace etalon {
namespace {

class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::string& place, std::uint64_t offset)
      : text_(text), place_(place), offset_(offset) {}

  NpyHeader read() {
    NpyHeader header;
    expect('{');
    while (!take('}')) {
      read_entry(header);
      if (!take(',') && peek() != '}') refuse("a ',' or '}' is missing");
    }
    if (seen_.size() != 3) refuse("descr, fortran_order or shape is missing");
    skip_blanks();
    if (at_ < text_.size()) refuse("the header goes on after its end");
    return header;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    refuse_at_byte(what, place_, offset_ + at_, "write it again with numpy.save or savez");
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  char peek() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!take(c)) refuse(fmt::format("'{}' is missing in the header", c));
  }

  std::string quoted() {
    const char quote = peek();
    if (quote == '[') refuse("the array is one of records, with fields of their own");
    if (quote != '\'' && quote != '"') refuse("a quoted word is missing in the header");
    const std::size_t end = text_.find(quote, ++at_);
    if (end == std::string_view::npos) refuse("a quote is never closed in the header");
    std::string word(text_.substr(at_, end - at_));
    at_ = end + 1;
    return word;
  }

  bool truth() {
    for (const auto& [word, value] : {std::pair{"True", true}, std::pair{"False", false}}) {
      skip_blanks();
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += std::string_view(word).size();
      return value;
    }
    refuse("fortran_order is neither True nor False");
  }

  std::int64_t dimension() {
    skip_blanks();
    std::int64_t size = 0;
    const char* first = text_.data() + at_;
    const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), size);
    if (error != std::errc{} || size < 0) refuse("a dimension is no whole number");
    at_ += static_cast<std::size_t>(end - first);
    return size;
  }

  std::vector<std::int64_t> dimensions() {
    std::vector<std::int64_t> shape;
    expect('(');
    while (!take(')')) {
      shape.push_back(dimension());
      if (!take(',') && peek() != ')') refuse("a ',' or ')' is missing in the shape");
    }
    return shape;
  }

  void read_entry(NpyHeader& header) {
    const std::string key = quoted();
    expect(':');
    if (!seen_.insert(key).second) refuse(fmt::format("'{}' is there twice", shortened(key)));
    if (key == "descr") {
      header.type = quoted();
    } else if (key == "fortran_order") {
      header.is_fortran = truth();
    } else if (key == "shape") {
      header.shape = dimensions();
    } else {
      refuse(fmt::format("the header has an entry '{}'", shortened(key)));
    }
  }

  const std::string_view text_;
  const std::string& place_;
  const std::uint64_t offset_;
  std::size_t at_ = 0;
  std::set<std::string> seen_;
};

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& place, std::uint64_t offset) {
  return HeaderReader(text, place, offset).read();
}

}  // namespace etalon

#include "runs/json_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/error.hpp"
#include "metrics/loose_json.hpp"
#include "runs/table_values.hpp"
#include "runs/wrapped_rows.hpp"

namespace etalon {
namespace {

// One object, as it is parsed, into the row that was started: the names of inner objects are joined
// by points, lists are left out.
class FlatObject : public nlohmann::json_sax<nlohmann::json> {
 public:
  FlatObject(TableBuilder& table, std::size_t line) : table_(table), line_(line) {}

  bool null() override { return add(""); }
  bool boolean(bool value) override { return add(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return add(fmt::format("{}", value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(fmt::format("{}", value)); }
  bool number_float(number_float_t, const string_t& text) override { return add(text); }
  bool string(string_t& value) override { return add(value); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override {
    if (in_lists_ > 0) return ++in_lists_, true;
    if (depth_++ > 0) prefixes_.push_back(prefixes_.back() + key_ + '.');
    return depth_ <= kDeepest;
  }
  bool key(string_t& name) override {
    if (in_lists_ > 0) return true;
    key_ = name;
    return true;
  }
  bool end_object() override {
    if (in_lists_ > 0) return --in_lists_, true;
    if (--depth_ > 0) prefixes_.pop_back();
    return true;
  }
  bool start_array(std::size_t) override {
    ++in_lists_;
    return depth_ > 0;
  }
  bool end_array() override {
    --in_lists_;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  static constexpr int kDeepest = 32;

  bool add(std::string_view text) {
    if (depth_ == 0) return false;
    if (in_lists_ > 0) return true;
    if (text.find('\0') != std::string_view::npos) {
      throw InputError("a text holds a zero byte", table_.place(line_), "give plain texts");
    }
    const auto column = table_.column_of(prefixes_.back() + key_);
    if (column) table_.set(*column, text);
    return true;
  }

  TableBuilder& table_;
  const std::size_t line_;
  int depth_ = 0;     // of objects
  int in_lists_ = 0;  // of what is inside lists, which no column holds
  std::string key_;
  std::vector<std::string> prefixes_ = {""};  // of the names within each object
};

void add_object(std::string_view text, std::size_t line, TableBuilder& table) {
  table.start_row(line);
  FlatObject object(table, line);
  if (nlohmann::json::sax_parse(spelled_out(text), &object)) return;
  throw InputError("this is no JSON object", table.place(line),
                   "write one object a line, or a list of objects");
}

// The object at the front of `source`, on one line or on several; what is none, up to the line's
// end.
std::string take_object(ByteSource& source) {
  std::string text;
  StringTracker strings;
  int depth = 0;
  source.start_record();
  for (int next = source.peek(); next != ByteSource::kEnd; next = source.peek()) {
    const char c = static_cast<char>(next);
    if (c == '\n' && depth == 0) return text;
    if (!strings.is_inside(c)) depth += (c == '{') - (c == '}');
    text += static_cast<char>(source.take());
    if (depth == 0 && c == '}') return text;
  }
  return text;
}

// The element at the front of `source`, up to a comma or ']' that is not its own and is not taken.
std::string take_element(ByteSource& source) {
  std::string text;
  StringTracker strings;
  int depth = 0;
  source.start_record();
  for (int next = source.peek(); next != ByteSource::kEnd; next = source.peek()) {
    const char c = static_cast<char>(next);
    if (!strings.is_inside(c)) {
      if (depth == 0 && (c == ',' || c == ']')) return text;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
    }
    text += static_cast<char>(source.take());
  }
  return text;
}

// False where the object is a row itself.
bool add_wrapped_rows(std::string_view object, std::size_t line, TableBuilder& table) {
  const auto rows = wrapped_rows(object);
  if (!rows) return false;
  for (const std::string_view row : *rows) {
    const std::string_view before =
        object.substr(0, static_cast<std::size_t>(row.data() - object.data()));
    const auto lines = std::count(before.begin(), before.end(), '\n');
    add_object(row, line + static_cast<std::size_t>(lines), table);
  }
  return true;
}

}  // namespace

void read_json_lines(ByteSource& source, TableBuilder& table) {
  for (source.skip_blanks(); source.peek() != ByteSource::kEnd; source.skip_blanks()) {
    const std::size_t line = source.line();
    const std::string object = take_object(source);
    source.skip_blanks();
    const bool is_alone = table.size() == 0 && source.peek() == ByteSource::kEnd;
    if (is_alone && add_wrapped_rows(object, line, table)) return;
    add_object(object, line, table);
  }
}

void read_json_list(ByteSource& source, TableBuilder& table) {
  const std::string start = source.place();
  for (int last = source.take(); last != ']';) {  // '[' or ','
    const bool is_first = last == '[';
    source.skip_blanks();
    const std::size_t line = source.line();
    const std::string element = take_element(source);
    last = source.take();
    if (last == ByteSource::kEnd) {
      throw InputError("the list is never closed", start, "end it with ]");
    }
    const bool is_empty_list = is_first && last == ']' && element.empty();
    if (!is_empty_list) add_object(element, line, table);
  }
  source.skip_blanks();
  if (source.peek() == ByteSource::kEnd) return;
  throw InputError("something follows the list", source.place(), "give one list of runs");
}

}  // namespace etalon

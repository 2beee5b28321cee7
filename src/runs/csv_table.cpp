#include "runs/csv_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "etalon/error.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

// Reads records off the front of a text.
class CsvReader {
 public:
  CsvReader(std::string_view text, char separator, const std::string& name)
      : rest_(text), separator_(separator), name_(name) {}

  // From 1; of the next record.
  std::size_t line() const { return line_; }

  // Fields up to a line end outside quotes. False at the end of the text.
  bool read(std::vector<std::string>& fields) {
    const std::size_t start = line_;
    fields.assign(1, "");
    if (rest_.empty()) return false;
    bool is_quoted = false;
    while (!rest_.empty()) {
      const char c = take();
      if (is_quoted) {
        is_quoted = read_quoted(c, fields.back());
      } else if (c == '"' && is_blank(fields.back())) {
        fields.back().clear();
        is_quoted = true;
      } else if (c == separator_) {
        fields.emplace_back();
      } else if (c == '\n') {
        return true;
      } else if (c != '\r') {
        fields.back() += c;
      }
    }
    if (!is_quoted) return true;
    throw InputError("a quote is never closed", fmt::format("{}:{}", name_, start),
                     "close it, or double quotes inside a quoted field");
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\n') ++line_;
    return c;
  }

  // Whether the field is still quoted after `c`.
  bool read_quoted(char c, std::string& field) {
    if (c == '"' && !rest_.starts_with('"')) return false;
    if (c == '"') take();
    field += c;
    return true;
  }

  std::string_view rest_;
  const char separator_;
  const std::string& name_;
  std::size_t line_ = 1;
};

struct Separator {
  char character;
  const char* name;
};

// None where the header has a comma or only one column.
std::optional<Separator> unusual_separator(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of("\r\n"), text.size()));
  const std::string_view header = text.substr(0, text.find('\n'));
  if (header.find(',') != std::string_view::npos) return std::nullopt;
  for (const Separator& separator : {Separator{'\t', "tabs"}, Separator{';', "semicolons"}}) {
    if (header.find(separator.character) != std::string_view::npos) return separator;
  }
  return std::nullopt;
}

}  // namespace

void read_csv(std::string_view text, Table& table) {
  const std::optional<Separator> unusual = unusual_separator(text);
  if (unusual) table.guesses.push_back(fmt::format("took {} as the separator", unusual->name));
  CsvReader reader(text, unusual ? unusual->character : ',', table.name);
  std::vector<std::string> fields;
  for (std::size_t start = reader.line(); reader.read(fields); start = reader.line()) {
    if (fields.size() == 1 && is_blank(fields[0])) continue;
    if (table.columns.empty()) {
      table.columns = fields;
      continue;
    }
    if (fields.size() != table.columns.size()) {
      throw InputError(fmt::format("the row has {} fields and the header has {}", fields.size(),
                                   table.columns.size()),
                       fmt::format("{}:{}", table.name, start), "give every row every column");
    }
    table.rows.push_back(fields);
    table.lines.push_back(start);
  }
}

}  // namespace etalon

#include "runs/csv_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "metrics/dict_text.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

// Reads records off a source.
class CsvReader {
 public:
  CsvReader(ByteSource& source, char separator) : source_(source), separator_(separator) {}

  // Fields up to a line end outside quotes; those beyond `count` are none of this record. False at
  // the end of the text.
  bool read(std::vector<std::string>& fields, std::size_t& count) {
    start_ = source_.place();
    source_.start_record();
    fields_ = &fields;
    count_ = 0;
    if (source_.peek() == ByteSource::kEnd) return false;
    start_field();
    while (source_.peek() != ByteSource::kEnd) {
      if (!take_one(static_cast<char>(source_.take()))) break;
    }
    if (quoting_ == Quoting::open) {
      throw InputError("a quote is never closed", start_,
                       "close it, or double quotes inside a quoted field");
    }
    count = count_;
    return true;
  }

 private:
  enum class Quoting { none, open, closed };

  void start_field() {
    if (fields_->size() == count_) fields_->emplace_back();
    (*fields_)[count_++].clear();
    quoting_ = Quoting::none;
  }

  // False at the end of the record.
  bool take_one(char c) {
    std::string& field = (*fields_)[count_ - 1];
    if (quoting_ == Quoting::open) {
      take_quoted(c, field);
    } else if (c == separator_) {
      start_field();
    } else if (c == '\n') {
      return false;
    } else if (quoting_ == Quoting::closed) {
      refuse_beside_quotes(c);
    } else if (c == '"' && is_blank(field)) {
      field.clear();
      quoting_ = Quoting::open;
    } else if (c != '\r') {
      field += c;
    }
    return true;
  }

  void take_quoted(char c, std::string& field) {
    if (c == '"' && source_.peek() != '"') {
      quoting_ = Quoting::closed;
      return;
    }
    if (c == '"') source_.take();
    field += c;
  }

  void refuse_beside_quotes(char c) const {
    if (c == ' ' || c == '\t' || c == '\r') return;
    throw InputError(fmt::format("'{}' follows a quoted field", printable({&c, 1})),
                     source_.place(), "double quotes inside a quoted field");
  }

  ByteSource& source_;
  const char separator_;
  std::string start_;
  std::vector<std::string>* fields_ = nullptr;
  std::size_t count_ = 0;
  Quoting quoting_ = Quoting::none;
};

struct Separator {
  char character;
  const char* name;
};

// None where the header has a comma or only one column.
std::optional<Separator> unusual_separator(std::string_view header) {
  if (header.find(',') != std::string_view::npos) return std::nullopt;
  for (const Separator& separator : {Separator{'\t', "tabs"}, Separator{';', "semicolons"}}) {
    if (header.find(separator.character) != std::string_view::npos) return separator;
  }
  return std::nullopt;
}

// Whether MLflow exported it: parameters, metrics and tags side by side, which may share a name.
bool is_of_mlflow(const std::vector<std::string>& fields) {
  const auto has = [&](std::string_view name) {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const std::string& field) { return trim(field) == name; });
  };
  return has("Run ID") && has("Status") && has("Source Type");
}

// Columns without a name, such as the numbers of rows that a data frame writes, are left aside.
std::vector<std::optional<std::size_t>> take_header(const std::vector<std::string>& fields,
                                                    std::size_t count, std::size_t line,
                                                    TableBuilder& table) {
  std::vector<std::optional<std::size_t>> columns;
  std::map<std::string, int> times;
  for (std::size_t i = 0; i < count; ++i) {
    std::string name(trim(fields[i]));
    const int before = times[name]++;
    if (before > 0 && !name.empty()) {
      if (!is_of_mlflow(fields)) {
        throw InputError(fmt::format("there are two columns '{}'", shortened(name)),
                         table.place(line), "rename or drop one of them");
      }
      const std::string other = fmt::format("{} ({})", name, before + 1);
      table.say(fmt::format("there are several columns '{}': one is called '{}' here",
                            shortened(name), shortened(other)));
      name = other;
    }
    columns.push_back(name.empty() ? std::nullopt : table.column_of(name));
  }
  return columns;
}

// Settings that were packed as one dict have columns of their own.
void set_field(std::size_t column, std::string_view field, TableBuilder& table) {
  const auto inner = field.starts_with('{') ? texts_of_dict(field) : std::nullopt;
  if (!inner) return table.set(column, field);
  for (const NamedText& each : *inner) {
    const auto own = table.column_of(table.name_of(column) + '.' + each.name);
    if (own) table.set_if_new(*own, each.text);
  }
}

}  // namespace

void read_csv(ByteSource& source, TableBuilder& table) {
  const std::optional<Separator> unusual = unusual_separator(source.peek_line());
  if (unusual) table.say(fmt::format("took {} as the separator", unusual->name));
  CsvReader reader(source, unusual ? unusual->character : ',');
  std::vector<std::optional<std::size_t>> columns;
  std::vector<std::string> fields;
  std::size_t count = 0;
  for (std::size_t line = source.line(); reader.read(fields, count); line = source.line()) {
    if (count == 1 && is_blank(fields[0])) continue;
    if (columns.empty()) {
      columns = take_header(fields, count, line, table);
      continue;
    }
    if (count != columns.size()) {
      throw InputError(
          fmt::format("the row has {} fields and the header has {}", count, columns.size()),
          table.place(line), "give every row every column");
    }
    table.start_row(line);
    for (std::size_t i = 0; i < count; ++i) {
      if (columns[i]) set_field(*columns[i], trim(fields[i]), table);
    }
  }
}

}  // namespace etalon

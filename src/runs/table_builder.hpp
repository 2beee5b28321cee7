// Puts the rows of a file into a table, within the table's bounds. Not safe from several threads.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "runs/table.hpp"

namespace etalon {

class TableBuilder {
 public:
  TableBuilder(std::string name, const TableOptions& options);

  const TableOptions& options() const { return options_; }
  // "runs.csv:7".
  std::string place(std::size_t line) const;

  std::size_t size() const { return table_.size(); }
  void say(std::string guess) { table_.guesses.push_back(std::move(guess)); }
  // The column of a name, made where there is none yet; none where it is one too many.
  std::optional<std::size_t> column_of(std::string_view name);
  const std::string& name_of(std::size_t column) const { return table_.columns[column].name(); }
  // Throws InputError where there are too many rows.
  void start_row(std::size_t line);
  // Of the row that was started. Throws InputError where its column is set already, or where too
  // much is kept.
  void set(std::size_t column, std::string_view text);
  // The same, unless the column is set already.
  void set_if_new(std::size_t column, std::string_view text);

  Table finish() &&;

 private:
  void thin(std::size_t line);
  bool is_wanted(std::string_view name) const;

  Table table_;
  const TableOptions options_;
  std::unordered_map<std::string, std::optional<std::size_t>> index_;
  std::size_t unwanted_ = 0;
  std::size_t kept_bytes_ = 0;
};

}  // namespace etalon

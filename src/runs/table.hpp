// A file of rows with named columns, as text: CSV, JSON lines or a JSON list of objects.
//
// Files are read as a stream and kept by column, each distinct text of a column once. Nobody needs
// a column that is neither wanted by name nor of few values, as a setting is: such a column lets go
// of what it holds and keeps its name. What is read and what is kept is bounded, so that an endless
// input ends in a sentence. Values only; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace etalon {

class TableColumn {
 public:
  TableColumn(std::string name, bool is_wanted) : name_(std::move(name)), is_wanted_(is_wanted) {}

  const std::string& name() const { return name_; }
  void rename(std::string name) { name_ = std::move(name); }
  // False where it held too many texts, or too long ones, for a column that nobody wanted.
  bool is_kept() const { return is_kept_; }
  // "" where the row has none. The column must be kept.
  const std::string& at(std::size_t row) const;
  // Which of `texts` that is.
  std::uint32_t code_at(std::size_t row) const;
  // Each text that it holds once, after "".
  const std::vector<std::string>& texts() const { return texts_; }
  std::optional<std::size_t> last_row() const;  // that was set

  // Rows ascend. Returns about how many bytes that took.
  std::size_t set(std::size_t row, std::string_view text);
  void keep(const std::vector<std::size_t>& rows);

 private:
  std::uint32_t code_of(std::string_view text, std::size_t& bytes);
  void let_go();

  std::string name_;
  bool is_wanted_;
  bool is_kept_ = true;
  std::vector<std::string> texts_ = {""};
  std::unordered_map<std::string, std::uint32_t> codes_;
  std::size_t first_row_ = 0;  // of `cells_`; those before are ""
  std::vector<std::uint32_t> cells_;
};

struct Table {
  std::string name;  // of the file, for messages
  std::vector<TableColumn> columns;
  std::vector<std::size_t> lines;         // where each row starts, from 1
  std::vector<std::string> guesses = {};  // what was guessed on reading, a sentence each
  std::vector<std::string> places = {};   // where each row is from, where that is no line
  std::unordered_map<std::string, std::size_t> index = {};  // of the columns, by name

  std::size_t size() const { return lines.size(); }
  std::optional<std::size_t> find_column(std::string_view column) const;
  // The column must exist.
  const TableColumn& column(std::string_view name) const;
  // Lets go of all rows but these, which ascend.
  void keep(const std::vector<std::size_t>& rows);
  std::vector<std::string> column_names() const;
};

struct TableOptions {
  // Columns that are kept whatever they hold; empty: all.
  std::function<bool(std::string_view name)> is_wanted = nullptr;
  std::size_t most_rows = 2'000'000;
  std::size_t most_lines = 200'000'000;
  std::size_t most_bytes = std::size_t{4} << 30;          // that are read
  std::size_t most_record_bytes = std::size_t{16} << 20;  // of one row, or one object
  std::size_t most_kept_bytes = std::size_t{1} << 30;
  std::size_t most_columns = 10'000;  // that are not wanted; more of them are not looked at
  // Where there are too many rows: those to keep, ascending. Unless they are fewer by a quarter at
  // least, the table is refused.
  std::function<std::vector<std::size_t>(const Table&)> thin = nullptr;
  // Told of the bytes that were read, now and then.
  std::function<void(std::size_t bytes)> on_bytes = nullptr;
};

// The format is told from the first character: '{' begins JSON lines, '[' a JSON list. Names and
// fields lose the blanks around them. Throws InputError naming the line of a row that has too few
// or too many fields, of a column or key that is there twice, of what is no JSON object, or where a
// bound is passed. `path` may be a pipe.
Table read_table(std::istream& input, std::string name, const TableOptions& options = {});
Table read_table(const std::filesystem::path& path, const TableOptions& options = {});

}  // namespace etalon

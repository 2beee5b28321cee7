// A file of rows with named columns, as text: CSV, JSON lines or a JSON list of objects. Values
// only; safe from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

struct Table {
  std::string name;  // of the file, for messages
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // one text per column; "" where there is none
  std::vector<std::size_t> lines;              // where each row starts, from 1
  std::vector<std::string> guesses = {};       // what was guessed on reading, a sentence each

  std::optional<std::size_t> find_column(std::string_view column) const;
};

// The format is told from the first character: '{' begins JSON lines, '[' a JSON list. Names and
// fields lose the blanks around them. Throws InputError naming the line of a row that has too few
// or too many fields, or that is no JSON object of plain values. `path` may be a pipe.
Table read_table(std::istream& input, std::string name);
Table read_table(const std::filesystem::path& path);

}  // namespace etalon

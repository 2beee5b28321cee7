// Rows out of JSON: one object a line, or a list of objects on any number of lines. NaN and
// Infinity may stand bare, as Python's json module writes them. Values only.
#pragma once

#include <string_view>

#include "runs/table.hpp"

namespace etalon {

// Both append the columns and rows of `text` to `table`, and throw InputError naming the line of
// what is no object of plain values.
void read_json_lines(std::string_view text, Table& table);
// The first of `text` that is not blank is '['.
void read_json_list(std::string_view text, Table& table);

}  // namespace etalon

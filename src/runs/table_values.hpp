// Numbers and texts out of a table's fields. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "runs/table.hpp"

namespace etalon {

// Without the blanks around it: spaces, tabs and line ends.
std::string_view trim(std::string_view text);
bool is_blank(std::string_view text);

// "runs.csv:7", or what the row's place is called.
std::string place_of(const Table& table, std::size_t row);

// Also inf and nan, with blanks around them; none where the text is no number.
std::optional<double> parse_number(std::string_view text);

// Throws InputError naming line and column for a text that is no number, and saying `what_to_do`
// about it.
double to_number(const Table& table, std::size_t row, const TableColumn& column,
                 std::string_view what_to_do = "give a number, or nan for a run that diverged");

}  // namespace etalon

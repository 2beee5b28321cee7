// Rows out of CSV (RFC 4180, header line first): fields separated by commas or, where the header
// holds no comma, by tabs or semicolons, as spreadsheets save them. Values only.
#pragma once

#include <string_view>

#include "runs/table.hpp"

namespace etalon {

// Appends the columns and rows of `text` to `table`. Throws InputError naming the line of a row
// that has too few or too many fields, or of a quote that is never closed.
void read_csv(std::string_view text, Table& table);

}  // namespace etalon

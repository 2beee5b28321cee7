// How text is written into CSV, and a row of it read. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace etalon {

// Text as one field of a line of CSV: quoted where it holds a comma, a quote or a line's end
// (RFC 4180). Text that a spreadsheet would take for a formula, since it begins with = + - or @ and
// is no number, or with a tab or a carriage return, gets an apostrophe in front. Control characters
// other than tabs and ends of lines become '?'.
std::string csv_field(std::string_view text);

// What separates the fields of a header: a comma or, where it has none, a tab or a semicolon.
char csv_separator(std::string_view header);

// The fields of a row without its line's end. Quotes are taken off; a doubled one within them is
// one.
std::vector<std::string> csv_fields(std::string_view row, char separator);

}  // namespace etalon

// How text is written into CSV. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace etalon {

// Text as one field of a line of CSV: quoted where it holds a comma, a quote or a line's end
// (RFC 4180). Text that a spreadsheet would take for a formula, since it begins with = + - or @ and
// is no number, or with a tab or a carriage return, gets an apostrophe in front. Control characters
// other than tabs and ends of lines become '?'.
std::string csv_field(std::string_view text);

}  // namespace etalon

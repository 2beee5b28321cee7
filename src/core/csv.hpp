#pragma once

#include <string>
#include <string_view>

namespace etalon {

// Text as one field of a line of CSV: quoted where it holds a comma, a quote or a line's end
// (RFC 4180).
std::string csv_field(std::string_view text);

}  // namespace etalon

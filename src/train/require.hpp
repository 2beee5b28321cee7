// Refusing a setting, by its name.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "etalon/error.hpp"

namespace etalon {

// `text` with each name between backquotes as a setting's, see field_name.
inline std::string with_fields(std::string_view text) {
  std::string named;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t open = text.find('`', start);
    const std::size_t close = open == text.npos ? text.npos : text.find('`', open + 1);
    named += text.substr(start, close == text.npos ? text.npos : open - start);
    if (close == text.npos) break;
    named += field_name(text.substr(open + 1, close - open - 1));
    start = close + 1;
  }
  return named;
}

// Throws InputError, quoting name, value and constraint, unless `holds`.
inline void require(bool holds, const char* field, double value, const char* constraint) {
  if (holds) return;
  throw InputError(fmt::format("{} is {}", field_name(field), value), "",
                   fmt::format("it must be {}", constraint));
}

}  // namespace etalon

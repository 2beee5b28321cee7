// Text as people and their shells read it. Pure functions, on UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

// `text` with '?' for what a terminal would act on instead of showing it (control characters, ends
// of lines, marks that turn the direction) and for bytes that are no UTF-8. For every text of a
// user's file that is printed.
std::string printable(std::string_view text);

// The same, of at most `columns` >= 1 columns: what is longer ends with "…".
std::string shortened(std::string_view text, std::size_t columns = 60);

// Whether text that begins so is UTF-16: it has a byte order mark, or a first character below
// U+0100.
bool is_utf16(std::string_view start);

// The first `columns` code points of `text`, or all of it.
std::string first_columns(std::string_view text, std::size_t columns);

// Code points in `text`: columns on a terminal for the text that etalon prints.
std::size_t columns_of(std::string_view text);

// `text` broken at spaces into lines of at most `width` columns; a longer word has its own line.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

// "1 trial", "2 trials": of a noun that takes an s.
std::string counted(std::int64_t count, std::string_view noun);

// `argument` quoted so that a POSIX shell reads it back unchanged.
std::string shell_quote(const std::string& argument);

}  // namespace etalon

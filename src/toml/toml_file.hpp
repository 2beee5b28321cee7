// TOML files, read whole, with the bounds that their parser lacks.
#pragma once

#include <toml++/toml.h>

#include <cstddef>
#include <string>

namespace etalon {

// What a kind of file is called in messages, and how deep it may go: the parser and what it makes
// go as deep as brackets and dotted names do, and the stack has an end.
struct TomlForm {
  const char* name;                 // "settings file"
  const char* missing;              // what to do where it is not there,
  const char* example;              // where it is too large to be one,
  const char* flat;                 // and where it is nested too deep
  std::ptrdiff_t most_brackets;     // [ and {, wherever they stand; 0: as many as the parser takes
  std::ptrdiff_t most_dots = 1000;  // in a line
};

// The file's bytes. Throws InputError for one that is not there, no regular file, larger than 1 MiB
// or UTF-16.
std::string read_toml_file(const std::string& path, const TomlForm& form);

// Throws InputError, with file and line, for what is malformed or too deep. `path` names the file.
toml::table parse_toml(const std::string& text, const std::string& path, const TomlForm& form);

// "path:line" of a part of the file.
std::string place_in(const std::string& path, const toml::node& node);

inline constexpr std::size_t kLargestTomlFile = 1 << 20;  // bytes; a recipe has a few hundred

}  // namespace etalon

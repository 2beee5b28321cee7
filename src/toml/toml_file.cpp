#include "toml/toml_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

void refuse_what_is_no_file(const std::string& path, const TomlForm& form) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored)) return;
  if (std::filesystem::exists(path, ignored)) {
    throw InputError(fmt::format("'{}' is no regular file", path), "",
                     "write the settings to a file, and name that");
  }
  throw InputError(fmt::format("there is no {} '{}'", form.name, path), "", form.missing);
}

std::ptrdiff_t most_dots_in_a_line(const std::string& text) {
  std::ptrdiff_t dots = 0, most = 0;
  for (const char c : text) {
    dots = c == '\n' ? 0 : dots + (c == '.' ? 1 : 0);
    most = std::max(most, dots);
  }
  return most;
}

// The count of all brackets, wherever they stand, is a bound that nothing in a string or a comment
// can hide from.
void refuse_nesting(const std::string& text, const std::string& path, const TomlForm& form) {
  const auto brackets =
      std::count_if(text.begin(), text.end(), [](char c) { return c == '[' || c == '{'; });
  const bool is_flat = form.most_brackets == 0 || brackets <= form.most_brackets;
  if (is_flat && most_dots_in_a_line(text) <= form.most_dots) return;
  throw InputError(fmt::format("the {} is nested", form.name), path, form.flat);
}

}  // namespace

std::string read_toml_file(const std::string& path, const TomlForm& form) {
  refuse_what_is_no_file(path, form);
  std::ifstream file(path, std::ios::binary);
  std::string text(kLargestTomlFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad())
    throw InputError(fmt::format("the {} cannot be read", form.name), path, "check it");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kLargestTomlFile) {
    throw InputError(fmt::format("the {} is larger than 1 MiB", form.name), path, form.example);
  }
  if (is_utf16(text)) throw InputError("the text is UTF-16", path, "save it as UTF-8");
  return text;
}

toml::table parse_toml(const std::string& text, const std::string& path, const TomlForm& form) {
  refuse_nesting(text, path, form);
  try {
    return toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    throw InputError(error.description(), begin ? fmt::format("{}:{}", path, begin.line) : path,
                     "see https://toml.io for the format");
  }
}

std::string place_in(const std::string& path, const toml::node& node) {
  return fmt::format("{}:{}", path, node.source().begin.line);
}

}  // namespace etalon

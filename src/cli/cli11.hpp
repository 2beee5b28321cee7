// CLI11, with numbers read as everything else here reads them: by std::from_chars, which takes the
// nearest double (CLI11 rounds twice, over long double) and no octal. Include this, never CLI11.
#pragma once

#include <CLI/TypeTools.hpp>
#include <charconv>
#include <cstdint>
#include <string>

namespace etalon::cli {

// True where the whole text is one number that `Number` holds.
template <typename Number>
bool read_number(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end;
}

}  // namespace etalon::cli

namespace CLI::detail {

template <>
inline bool lexical_cast<double>(const std::string& input, double& output) {
  return etalon::cli::read_number(input, output);
}

template <>
inline bool lexical_cast<std::int64_t>(const std::string& input, std::int64_t& output) {
  return etalon::cli::read_number(input, output);
}

template <>
inline bool lexical_cast<std::uint64_t>(const std::string& input, std::uint64_t& output) {
  return etalon::cli::read_number(input, output);
}

}  // namespace CLI::detail

// Below what it is to use.
#include <CLI/CLI.hpp>

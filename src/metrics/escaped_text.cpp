#include "metrics/escaped_text.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

namespace etalon {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

bool is_high_surrogate(std::uint32_t code) { return code >= 0xD800 && code < 0xDC00; }
bool is_low_surrogate(std::uint32_t code) { return code >= 0xDC00 && code < 0xE000; }

std::string utf8_of(std::uint32_t code) {
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = kReplacement;
  const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
  const auto tail = [&](int shift) { return byte(0x80u | (code >> shift & 0x3Fu)); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xC0u | code >> 6), tail(0)};
  if (code < 0x10000) return {byte(0xE0u | code >> 12), tail(6), tail(0)};
  return {byte(0xF0u | code >> 18), tail(12), tail(6), tail(0)};
}

// How many hexadecimal digits stand behind "\x", "\u" and Python's "\U"; 0 behind others.
std::size_t digits_behind(char letter) {
  return letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
}

std::optional<std::uint32_t> code_in(std::string_view digits, std::size_t count) {
  if (count == 0 || digits.size() < count) return std::nullopt;
  std::uint32_t code = 0;
  const char* end = digits.data() + count;
  const auto [read, error] = std::from_chars(digits.data(), end, code, 16);
  return read == end && error == std::errc() ? std::optional(code) : std::nullopt;
}

// The second half of a pair, at the front of `text`.
std::optional<std::uint32_t> low_surrogate_in(std::string_view text) {
  const auto code = text.starts_with("\\u") ? code_in(text.substr(2), 4) : std::nullopt;
  return code && is_low_surrogate(*code) ? code : std::nullopt;
}

char letter_escaped_by(char letter) {
  constexpr std::string_view kLetters = "ntrbfva", kMeanings = "\n\t\r\b\f\v\a";
  const std::size_t at = kLetters.find(letter);
  return at == std::string_view::npos ? letter : kMeanings[at];
}

}  // namespace

EscapedCharacter escaped_character(std::string_view text) {
  const std::size_t digits = digits_behind(text[1]);
  const auto code = code_in(text.substr(2), digits);
  if (!code) return {std::string(1, letter_escaped_by(text[1])), 2};
  const auto low =
      digits == 4 && is_high_surrogate(*code) ? low_surrogate_in(text.substr(6)) : std::nullopt;
  if (low) return {utf8_of(0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00)), 12};
  return {utf8_of(*code), 2 + digits};
}

}  // namespace etalon

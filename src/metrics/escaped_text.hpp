// Characters as JSON and Python escape them within quotes. Pure; never throws.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace etalon {

struct EscapedCharacter {
  std::string text;        // UTF-8
  std::size_t length = 0;  // of the escape, its backslash included; at most that of what was given
};

// The escape at the front of `text`, which begins with a backslash and is longer than that. U+FFFD
// stands for half a surrogate pair and for the zero character. What is no escape is the character
// behind the backslash.
EscapedCharacter escaped_character(std::string_view text);

}  // namespace etalon

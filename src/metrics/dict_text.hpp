// A dict as JSON or Python writes it. Pure; never throws.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/metric_text.hpp"

namespace etalon {

struct NamedText {
  std::string name;
  std::string text;  // "0.5", "adam", "None"
};

// The plain values of the dict that begins at `text`'s first character, names of inner dicts joined
// by '/'; lists are left out. Nothing where it is no dict, is not whole, or is nested deeper than
// 32.
std::optional<std::vector<NamedText>> texts_of_dict(std::string_view text);
// Those that are numbers, also written as text ('0.5').
std::optional<std::vector<NamedValue>> numbers_of_dict(std::string_view text);

// The number at the beginning of `text`, sign, nan and inf included, and how many characters it
// takes; nothing where there is none.
struct LeadingNumber {
  double value = 0.0;
  std::size_t length = 0;
};
std::optional<LeadingNumber> leading_number(std::string_view text);

// The number that is all of `text` but for blanks around it.
std::optional<double> number_that_is(std::string_view text);

}  // namespace etalon

// A dict as JSON or Python writes it, read for its numbers. Pure; never throws.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "metrics/metric_text.hpp"

namespace etalon {

// The numbers of the dict that begins at `text`'s first character, names of inner dicts joined by
// '/'. Numbers written as text ('0.5') count, lists do not. Nothing where it is no dict, is not
// whole, or is nested deeper than 32.
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

// A name out of a list: what to say where someone gives another. Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

// The names that were most likely meant by `word`: those that it is a beginning of, or that are the
// fewest slips of a finger away (a letter too many, too few, another, two swapped), whatever the
// case and the hyphens. Empty where none is near, or more than three are as near as each other.
std::vector<std::string> closest_names(std::string_view word, std::span<const std::string> names);

// "did you mean adam or adamw?"; "" where there are no closest names.
std::string did_you_mean(std::string_view word, std::span<const std::string> names);

// What to do about a word that is none of `names`, as the instruction of an Error: "did you mean
// adamw? The others are sgd, momentum, adam", or "use one of sgd, momentum, adam, adamw".
std::string choose_instead(std::string_view word, std::span<const std::string> names);

}  // namespace etalon

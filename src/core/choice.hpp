// A name out of a list: what to say where someone gives another. Pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

// The name that was most likely meant by `word`: one that it is a beginning of, or one that few
// slips of a finger away (a letter too many, too few, another, two swapped), whatever the case and
// the hyphens. Empty where none is near, or two are as near as each other.
std::optional<std::string> closest_name(std::string_view word, std::span<const std::string> names);

// What to do about a word that is none of `names`, as the instruction of an Error: "did you mean
// adamw? The others are sgd, momentum, adam", or "use one of sgd, momentum, adam, adamw".
std::string choose_instead(std::string_view word, std::span<const std::string> names);

}  // namespace etalon

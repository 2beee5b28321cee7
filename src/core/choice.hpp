// A name out of a list: which one is meant, and what to say where it is none. Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

// Whether they differ in nothing but the case of their letters, of ASCII.
bool equal_in_any_case(std::string_view a, std::string_view b);

// The one of `names` that `word` is in any case, as it is written there; else `word`.
std::string canonical_name(std::string_view word, std::span<const std::string> names);

// With what stands before the first colon in lower case: "mlp:128" of "MLP:128", "idx:/Data" of
// "IDX:/Data", "lenet" of "LeNet". A path, which has a slash or a dot there, stays as it is.
std::string canonical_kind(std::string_view word);

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

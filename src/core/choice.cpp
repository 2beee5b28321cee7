#include "core/choice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>

namespace etalon {
namespace {

// What is compared: letters and digits, in lower case.
std::string skeleton(std::string_view word) {
  std::string letters;
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) letters += static_cast<char>(std::tolower(byte));
  }
  return letters;
}

// Damerau's distance for neighbouring swaps ("optimal string alignment").
std::size_t slips_between(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> slips(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) slips[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) slips[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
      slips[i][j] =
          std::min({slips[i - 1][j] + 1, slips[i][j - 1] + 1, slips[i - 1][j - 1] + other});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) slips[i][j] = std::min(slips[i][j], slips[i - 2][j - 2] + 1);
    }
  }
  return slips[a.size()][b.size()];
}

constexpr std::size_t kLongestWord = 64;  // beyond it nobody mistyped a name

// Slips of `word` from `name`; empty where they are too many for its length.
std::optional<std::size_t> slips_if_near(const std::string& word, std::string_view name) {
  const std::string other = skeleton(name);
  if (word.empty() || word.size() > kLongestWord) return std::nullopt;
  if (other == word) return 0;
  if (word.size() >= 2 && other.starts_with(word)) return 1;
  const std::size_t slips = slips_between(word, other);
  const std::size_t allowed = std::min(word.size(), other.size()) <= 3 ? 1
                              : word.size() <= 8                       ? 2
                                                                       : 3;
  return slips <= allowed && slips < word.size() ? std::optional(slips) : std::nullopt;
}

constexpr std::size_t kMostMeant = 3;  // more that are as near as each other are a guess

std::vector<std::string> without(std::span<const std::string> names,
                                 std::span<const std::string> left_out) {
  std::vector<std::string> others;
  for (const std::string& name : names) {
    if (std::find(left_out.begin(), left_out.end(), name) == left_out.end()) others.push_back(name);
  }
  return others;
}

}  // namespace

bool equal_in_any_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::string canonical_name(std::string_view word, std::span<const std::string> names) {
  for (const std::string& name : names) {
    if (equal_in_any_case(word, name)) return name;
  }
  return std::string(word);
}

std::string canonical_kind(std::string_view word) {
  std::string text(word);
  const std::size_t end = std::min(text.find(':'), text.size());
  if (text.find_first_of("/.") < end) return text;
  const auto lower = [](unsigned char c) { return static_cast<char>(std::tolower(c)); };
  std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), text.begin(),
                 lower);
  return text;
}

std::vector<std::string> closest_names(std::string_view word, std::span<const std::string> names) {
  const std::string letters = skeleton(word);
  std::vector<std::string> closest;
  std::size_t fewest = 0;
  for (const std::string& name : names) {
    const auto slips = slips_if_near(letters, name);
    if (!slips || (!closest.empty() && *slips > fewest)) continue;
    if (*slips < fewest) closest.clear();
    closest.push_back(name);
    fewest = *slips;
  }
  return closest.size() <= kMostMeant ? closest : std::vector<std::string>();
}

std::string did_you_mean(std::string_view word, std::span<const std::string> names) {
  const auto meant = closest_names(word, names);
  return meant.empty() ? "" : fmt::format("did you mean {}?", fmt::join(meant, " or "));
}

std::string choose_instead(std::string_view word, std::span<const std::string> names) {
  const auto meant = closest_names(word, names);
  if (meant.empty()) return fmt::format("use one of {}", fmt::join(names, ", "));
  const auto others = without(names, meant);
  if (others.empty()) return did_you_mean(word, names);
  return fmt::format("{} The others are {}", did_you_mean(word, names), fmt::join(others, ", "));
}

}  // namespace etalon

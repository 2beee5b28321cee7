#include "core/spec_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/choice.hpp"
#include "core/number_text.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

std::vector<std::string> parts_between_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

std::pair<std::string, std::string> key_and_value(const std::string& part) {
  const std::size_t equals = std::min(part.find('='), part.size());
  return {part.substr(0, equals), part.substr(std::min(equals + 1, part.size()))};
}

}  // namespace

SpecText::SpecText(std::string_view field, std::string_view text, std::size_t words)
    : place_(fmt::format("{} '{}'", field_name(field), shortened(text))), text_(text) {
  if (text.ends_with(',')) refuse("nothing stands after the last comma", "leave it out");
  const std::string_view rest = text.substr(std::min(kind().size() + 1, text.size()));
  for (const std::string& part : parts_between_commas(rest)) {
    const bool is_named = words_.size() == words || !settings_.empty() ||
                          (!words_.empty() && part.find('=') != std::string::npos);
    if (!is_named) {
      words_.push_back(part);
      continue;
    }
    auto [key, given] = key_and_value(part);
    if (value(key)) refuse(fmt::format("'{}' is given twice", shortened(key)), "give it once");
    settings_.emplace_back(std::move(key), std::move(given));
  }
}

std::string_view SpecText::kind() const {
  return std::string_view(text_).substr(0, text_.find_first_of(":,"));
}

const std::string& SpecText::word(std::size_t i) const {
  static const std::string kNone;
  return i < words_.size() ? words_[i] : kNone;
}

std::optional<std::string> SpecText::value(std::string_view key) const {
  for (const auto& [name, given] : settings_) {
    if (name == key) return given;
  }
  return std::nullopt;
}

std::optional<double> SpecText::number(std::string_view key, const Interval& interval) const {
  const auto text = value(key);
  if (!text) return std::nullopt;
  const auto number = number_in<double>(*text);
  if (number && interval.contains(*number)) return number;
  refuse(fmt::format("{} is '{}'", key, shortened(*text)),
         fmt::format("it must be a number {}", interval.text()));
}

std::optional<std::int64_t> SpecText::whole_number(std::string_view key, std::int64_t least,
                                                   std::int64_t most) const {
  const auto text = value(key);
  if (!text) return std::nullopt;
  const auto number = number_in<std::int64_t>(*text);
  if (number && *number >= least && *number <= most) return number;
  refuse(fmt::format("{} is '{}'", key, shortened(*text)),
         fmt::format("it must be a whole number from {} to {}", least, most));
}

void SpecText::check_keys(std::string_view what, const std::vector<std::string>& keys) const {
  for (const auto& [key, given] : settings_) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    refuse(fmt::format("{} has no '{}'", what, shortened(key)), choose_instead(key, keys));
  }
}

void SpecText::refuse(const std::string& what, const std::string& what_to_do) const {
  throw InputError(what, place_, what_to_do);
}

}  // namespace etalon

#include "cli/choices.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/choice.hpp"
#include "core/text.hpp"

namespace etalon::cli {
namespace {

std::string refusal(const std::string& text, const std::vector<std::string>& names) {
  const std::string what =
      fmt::format("'{}' is none of {}", shortened(text), fmt::join(names, ", "));
  const std::string meant = did_you_mean(text, names);
  return meant.empty() ? what : fmt::format("{}, {}", what, meant);
}

}  // namespace

CLI::Validator one_of(std::vector<std::string> names) {
  const auto choose = [names = std::move(names)](std::string& text) -> std::string {
    text = canonical_name(text, names);
    const bool known = std::find(names.begin(), names.end(), text) != names.end();
    return known ? "" : refusal(text, names);
  };
  return {choose, "", ""};
}

CLI::Validator in_any_case(std::vector<std::string> names) {
  const auto name = [names = std::move(names)](std::string& text) -> std::string {
    text = canonical_name(text, names);
    return "";
  };
  return {name, "", ""};
}

CLI::Validator kind_in_any_case() {
  const auto name = [](std::string& text) -> std::string {
    text = canonical_kind(text);
    return "";
  };
  return {name, "", ""};
}

}  // namespace etalon::cli

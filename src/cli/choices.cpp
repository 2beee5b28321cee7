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
  const auto refuse = [names = std::move(names)](const std::string& text) -> std::string {
    const bool known = std::find(names.begin(), names.end(), text) != names.end();
    return known ? "" : refusal(text, names);
  };
  return {refuse, ""};
}

CLI::Validator one_of_any_case(std::vector<std::string> names) {
  const auto choose = [names = std::move(names)](std::string& text) -> std::string {
    for (const std::string& name : names) {
      if (CLI::detail::to_lower(name) != CLI::detail::to_lower(text)) continue;
      text = name;
      return "";
    }
    return refusal(text, names);
  };
  return {choose, "", ""};
}

}  // namespace etalon::cli

#include "program/line_pattern.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cctype>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "metrics/dict_text.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kMostMemory = 8 << 20;  // bytes
constexpr const char* kMetricGroup = "metric";

bool begins_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// (?<name> as RE2 of before 2023 writes it, (?P<name>.
std::string with_its_groups(std::string_view pattern) {
  constexpr std::string_view kOpening = "(?<";
  std::string text;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool escaped = pattern[i] == '\\' && i + 1 < pattern.size();
    const std::string_view rest = pattern.substr(i);
    if (escaped) {
      text += pattern[i++];
    } else if (pattern[i] == '[' || pattern[i] == ']') {
      in_class = pattern[i] == '[';
    } else if (!in_class && rest.starts_with(kOpening) && rest.size() > kOpening.size() &&
               begins_name(rest[kOpening.size()])) {
      text += "(?P<";
      i += kOpening.size();
    }
    text += pattern[i];
  }
  return text;
}

re2::RE2::Options pattern_options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostMemory);
  return options;
}

[[noreturn]] void refuse_pattern(const std::string& pattern, const std::string& why) {
  throw InputError(
      fmt::format("{} is '{}': {}", field_name("pattern"), shortened(pattern), printable(why)), "",
      "write a regular expression with a group (?<metric>...) for the number, and (?<step>...) "
      "where there is one");
}

}  // namespace

LinePattern::LinePattern(const std::string& pattern, const std::string& metric)
    : expression_(std::make_shared<const re2::RE2>(with_its_groups(pattern), pattern_options())) {
  if (!expression_->ok()) refuse_pattern(pattern, expression_->error());
  for (const auto& [number, name] : expression_->CapturingGroupNames()) {
    const bool is_watched = name == kMetricGroup && !metric.empty();
    groups_.emplace_back(number, is_watched ? metric : name);
  }
  if (groups_.empty()) refuse_pattern(pattern, "it has no named group");
}

std::vector<NamedValue> LinePattern::metrics_in(std::string_view line) const {
  std::vector<re2::StringPiece> parts(
      static_cast<std::size_t>(expression_->NumberOfCapturingGroups()) + 1);
  const re2::StringPiece text(line.data(), line.size());
  const bool found = expression_->Match(text, 0, text.size(), re2::RE2::UNANCHORED, parts.data(),
                                        static_cast<int>(parts.size()));
  std::vector<NamedValue> values;
  if (!found) return values;
  for (const auto& [number, name] : groups_) {
    const re2::StringPiece& part = parts[static_cast<std::size_t>(number)];
    const auto value = number_that_is(std::string_view(part.data(), part.size()));
    if (value) values.push_back({name, *value});
  }
  return values;
}

bool LinePattern::names(std::string_view metric) const {
  return std::any_of(groups_.begin(), groups_.end(),
                     [&](const auto& group) { return same_metric(group.second, metric); });
}

SharedPattern pattern_of(const ProgramOptions& options) {
  if (options.pattern.empty()) return nullptr;
  return std::make_shared<const LinePattern>(options.pattern, options.metric);
}

std::vector<NamedValue> metrics_in(std::string_view line, const SharedPattern& pattern) {
  return pattern ? pattern->metrics_in(line) : metrics_in(line);
}

}  // namespace etalon

#include "program/line_pattern.hpp"

#include <algorithm>

#include "metrics/dict_text.hpp"

namespace etalon {
namespace {

constexpr const char* kMetricGroup = "metric";

}  // namespace

LinePattern::LinePattern(const std::string& pattern, const std::string& metric)
    : pattern_(pattern, "pattern",
               "write a regular expression with a group (?<metric>...) for the number, and "
               "(?<step>...) where there is one") {
  for (const std::string& name : pattern_.names()) {
    const bool is_watched = name == kMetricGroup && !metric.empty();
    names_.push_back(is_watched ? metric : name);
  }
}

std::vector<NamedValue> LinePattern::metrics_in(std::string_view line) const {
  std::vector<NamedValue> values;
  const std::vector<std::string_view> texts = pattern_.find_in(line);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (const auto value = number_that_is(texts[i])) values.push_back({names_[i], *value});
  }
  return values;
}

bool LinePattern::names(std::string_view metric) const {
  return std::any_of(names_.begin(), names_.end(),
                     [&](const std::string& name) { return same_metric(name, metric); });
}

SharedPattern pattern_of(const ProgramOptions& options) {
  if (options.pattern.empty()) return nullptr;
  return std::make_shared<const LinePattern>(options.pattern, options.metric);
}

std::vector<NamedValue> metrics_in(std::string_view line, const SharedPattern& pattern) {
  return pattern ? pattern->metrics_in(line) : metrics_in(line);
}

}  // namespace etalon

// Metrics in lines of a form of their own, by a regular expression with named groups:
//
//   acc (?<metric>[0-9.]+) after (?<step>[0-9]+)      "acc 0.81 after 500"
//
// The name of a group is that of the number in it; `metric` stands for the name that is watched.
// Immutable; safe from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/program.hpp"
#include "metrics/metric_text.hpp"
#include "metrics/named_pattern.hpp"

namespace etalon {

class LinePattern {
 public:
  // Throws InputError for what is no expression, or names no group.
  LinePattern(const std::string& pattern, const std::string& metric);

  // The numbers of the first match; none where it is none, and no number where a group has none.
  std::vector<NamedValue> metrics_in(std::string_view line) const;
  bool names(std::string_view metric) const;

 private:
  NamedPattern pattern_;
  std::vector<std::string> names_;  // of its groups
};

// Of these settings; null where they have none.
using SharedPattern = std::shared_ptr<const LinePattern>;
SharedPattern pattern_of(const ProgramOptions& options);

// How lines are read: by a pattern where there is one.
std::vector<NamedValue> metrics_in(std::string_view line, const SharedPattern& pattern);

}  // namespace etalon

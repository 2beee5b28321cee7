// How `etalon fit` shows its answer. Pure functions; safe from any thread.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "report/text_layout.hpp"
#include "runs/course_choice.hpp"
#include "runs/group_fit.hpp"
#include "runs/metric.hpp"

namespace etalon {

// What a file of runs says, and what the page says of it.
struct FitAnswer {
  std::string source;            // as the user named it
  std::vector<RunGroup> groups;  // those that were fitted
  std::vector<GroupFit> fits;    // in the same order
  std::optional<Metric> metric;  // none: a study's loss
  double level = 0.80;           // of the intervals
  // The metric over each run of each group, in their order, where the source has it.
  std::vector<std::vector<std::vector<CoursePoint>>> curves{};
  std::vector<std::string> said{};  // what was taken as what, and what was left out
};

std::string fit_json(const FitAnswer& answer);
// A line per recommendation, rule, optimum, caution and refusal, RFC 4180.
std::string fit_csv(const FitAnswer& answer);
// For a terminal: the answer of each group first, then what it rests on.
std::string fit_table(const FitAnswer& answer, const TextStyle& style);

// The page of `etalon fit`.
void write_fit_page(const FitAnswer& answer, std::ostream& out);

}  // namespace etalon

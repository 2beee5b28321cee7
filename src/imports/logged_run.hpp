// A run as a tool left it behind: what was set, what was measured, and what became of it. Values
// only.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runs/course_choice.hpp"

namespace etalon {

using LoggedCurve = std::vector<CoursePoint>;  // in the order of the log

struct LoggedRun {
  // A tool that logs more of one run than these has no settings and metrics there, but data.
  static constexpr std::size_t kMostSettings = 2'000, kMostCurves = 5'000;
  static constexpr std::size_t kLongestSetting = 1'000;  // bytes

  std::filesystem::path directory;  // that the run, or this part of it, lies in
  std::string name;   // among the runs of one directory or one file; empty: it is the only one
  std::string tool;   // the reader of its metrics, by name
  std::string state;  // the tool's word for what became of it; empty: it has none
  std::string id;     // the tool's own: what has the same is the same run; empty: it has none
  std::string begun;  // the later the greater, among the parts of one reader; empty: not known
  std::vector<std::filesystem::path> holds;     // directories: all logs below them are of this run
  std::map<std::string, std::string> settings;  // inner names joined by '.'
  std::map<std::string, LoggedCurve> curves;    // by the metric's name; inner ones joined by '/'
  std::map<std::string, std::string> directions;  // "min" or "max", of metrics whose log says it

  // What is too long for a setting, or one too many, is left out. The last one counts.
  void set(std::string_view setting, std::string_view text);
  void log(std::string_view metric, double step, double value);
};

}  // namespace etalon

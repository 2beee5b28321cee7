// Settings out of the paths of runs: "lr0.1_b64/seed3" by "lr(?<lr>[^_]+)_b(?<batch_size>\\d+)".
#pragma once

#include <string>

#include "imports/logged_run.hpp"
#include "metrics/named_pattern.hpp"

namespace etalon {

class PathPattern {
 public:
  // Throws InputError of field "params_from" for what is no expression, or names no group.
  explicit PathPattern(const std::string& pattern);

  // Sets what each group finds in `path`, anywhere in it; the settings that the run has are
  // replaced. False where the pattern is not found.
  bool add_settings(const std::string& path, LoggedRun& run) const;

 private:
  NamedPattern pattern_;
};

}  // namespace etalon

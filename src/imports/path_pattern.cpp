#include "imports/path_pattern.hpp"

namespace etalon {

PathPattern::PathPattern(const std::string& pattern)
    : pattern_(pattern, "params_from",
               "write a regular expression with a group for each setting in a run's path, such as "
               "lr(?<lr>[^_/]+)_b(?<batch_size>[0-9]+)") {}

bool PathPattern::add_settings(const std::string& path, LoggedRun& run) const {
  const auto texts = pattern_.find_in(path);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!texts[i].empty()) run.settings[pattern_.names()[i]] = std::string(texts[i]);
  }
  return !texts.empty();
}

}  // namespace etalon

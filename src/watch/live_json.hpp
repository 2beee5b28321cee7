// What is under way and left of a study, as the page reads it; docs/watch.md has the keys.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>

#include "watch/live_file.hpp"
#include "watch/watched_study.hpp"

namespace etalon {

struct LiveState {
  std::optional<bool> is_worked_on;  // activity.hpp
  std::optional<double> seconds_since_change;
  double now = 0.0;  // seconds since 1970
};

nlohmann::ordered_json live_json(const WatchedStudy& study, std::span<const LiveTrial* const> live,
                                 const LiveState& state);

}  // namespace etalon

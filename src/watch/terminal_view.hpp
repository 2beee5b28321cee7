// A study under way as text: the answer so far, what is left, what is under way, what failed. For
// people who have a shell and no browser. A pure function.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "etalon/report.hpp"
#include "watch/live_file.hpp"
#include "watch/live_json.hpp"
#include "watch/watched_study.hpp"

namespace etalon {

std::string terminal_view(const WatchedStudy& study, std::span<const LiveTrial* const> live,
                          const LiveState& state, const TerminalOptions& style);

}  // namespace etalon

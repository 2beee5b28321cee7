// What a trial under way has said so far, in a file that goes when the trial ends.
//
//   STUDY/live/12-1.jsonl
//   {"trial":12,"round":3,"stage":"tuned","batch_size":256,"lr":0.2,"seed":1,"moved":{},
//    "attempt":1,"started":1767225600.25,"reason":""}
//   [40,10240,0.17,0.91,0.95,0.66,1.25]
//
// One line for the trial, then one a point: step, examples, epoch, training loss, validation loss,
// validation accuracy, seconds since it started; null is missing. Lines are appended whole, so that
// a process that is killed leaves at most one broken line at the end. The second number in the name
// tells attempts apart. docs/watch.md documents the form. Pure functions but for the path's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/store.hpp"

namespace etalon {

inline constexpr std::string_view kLiveEnding = ".jsonl";

std::filesystem::path live_directory(const std::filesystem::path& study_directory);

struct LivePoint {
  CurvePoint point;
  double seconds = 0.0;  // since the trial started, >= 0
};

struct LiveTrial {
  TrialRecord record;    // its id, round, stage, spec and attempts; pending
  double started = 0.0;  // seconds since 1970
  std::vector<LivePoint> points;
};

// Lines with their ends.
std::string live_head(const TrialRecord& record, double started);
std::string live_line(const LivePoint& point);

// Nothing where the line is none of ours, or holds what no trial can have.
std::optional<LiveTrial> parse_live_head(std::string_view line);
std::optional<LivePoint> parse_live_line(std::string_view line);

}  // namespace etalon

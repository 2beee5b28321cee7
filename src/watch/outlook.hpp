// What a study still has before it: trials, time, money; and which verdicts are open, with what
// would close them. Estimates from the trials so far, never promises. Pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "etalon/study.hpp"

namespace etalon {

// Names in the study's `meta`; docs/study-file.md.
inline constexpr const char* kJobsMeta = "jobs";               // trials side by side
inline constexpr const char* kTrialsMeta = "campaign.trials";  // the budget of a campaign

struct Outlook {
  std::int64_t ended = 0;              // trials
  std::int64_t expected = 0;           // in the whole study, those that ended among them
  std::optional<double> seconds_left;  // empty until a trial has ended
  std::optional<double> cost_left;     // where an hour has a price (Hardware::cost_per_hour)
};

// `pending`: how many trials are under way or wait to be run.
Outlook outlook_of(const StudyResult& result, std::int64_t pending,
                   const std::map<std::string, std::string>& meta);

// A verdict that the trials leave open.
struct OpenVerdict {
  std::string rule;
  std::int64_t batch_size = 0;
  // Of the rule's learning rate and of the best one, were the estimate to stay where it is; empty:
  // no number of seeds that anyone runs would tell.
  std::optional<std::int64_t> trials{};
};

// Away from the base batch size, where every rule starts.
std::vector<OpenVerdict> open_verdicts_of(const StudyResult& result);

}  // namespace etalon

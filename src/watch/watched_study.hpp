// A study as it is on disk at one moment: what it says so far, what is under way, what is left.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "etalon/report.hpp"
#include "etalon/store.hpp"
#include "etalon/study.hpp"
#include "watch/outlook.hpp"

namespace etalon {

// What a stored study says. Throws an Error where it says nothing yet.
using Evaluate = std::function<StudyResult(const StudyFile&)>;

struct WatchedStudy {
  StudyResult result;                // as far as it can be told; no optima before there are any
  std::vector<TrialRecord> pending;  // stored and not ended, by id
  Provenance provenance;
  Outlook outlook;
  std::vector<OpenVerdict> open;
};

WatchedStudy watched_study(const StudyFile& study, const std::string& name,
                           const Evaluate& evaluate);

// With the trials as they are now, and the rest as it was. A study that asks for its trials one at
// a time numbers them as it is evaluated, and stays as it was.
WatchedStudy with_trials_of(const StudyFile& study, WatchedStudy before);

}  // namespace etalon

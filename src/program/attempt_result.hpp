// What an attempt that has ended comes to as a trial.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "etalon/program.hpp"
#include "program/attempt.hpp"
#include "program/attempt_metrics.hpp"

namespace etalon {

// `status` is what the supervisor left; without one it was killed. One that was stopped because it
// had diverged is diverged. Takes the curve of `metrics`, which have been read to their end.
TrialResult attempt_result(const std::optional<AttemptStatus>& status, AttemptMetrics& metrics);

// Whether a program that failed did for want of memory: it says so, or the kernel killed it, or
// what it had started, as its shell or launcher says.
bool tells_of_memory(const AttemptStatus& status, std::string_view printed);

// A trial that failed: `text` says how, and the last lines of what was printed follow it.
TrialResult failed_trial(FailureKind kind, const std::string& text, std::string_view printed);

}  // namespace etalon

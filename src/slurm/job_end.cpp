#include "slurm/job_end.hpp"

#include <fmt/format.h>

#include "program/attempt_result.hpp"

namespace etalon {

bool is_taken_away(const JobTrial& job, const std::string& state) {
  const bool made_room = job.ended_at() && state == "COMPLETED";
  return made_room || state == "PREEMPTED" || state == "NODE_FAIL" || state == "BOOT_FAIL" ||
         state == "REVOKED";
}

TrialResult failure_from_outside(const JobTrial& job, const std::string& state,
                                 const std::string& printed) {
  if (state == "TIMEOUT" || state == "DEADLINE") {
    return failed_trial(FailureKind::timed_out, "by the time limit of its job", printed);
  }
  if (state == "OUT_OF_MEMORY") {
    return failed_trial(FailureKind::out_of_memory, "its job took more than it had", printed);
  }
  const std::string how = state.empty() ? "and Slurm knows it no more" : "as " + state;
  return failed_trial(FailureKind::error,
                      fmt::format("its job {} ended before its program did, {}", job.id, how),
                      printed);
}

TrialResult interrupted_trial() {
  TrialResult result;
  result.state = TrialState::interrupted;
  return result;
}

}  // namespace etalon

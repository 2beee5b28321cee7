// The runs of an attempt that is a job: one each time that Slurm starts it. Slurm may start a job
// again though an earlier run of it is still there, on a node that it lost sight of, so that two
// run at once and know nothing of each other.
//
//   trials/12/1/              the attempt: command.json, out/
//   trials/12/1/runs/2/       its second run: stdout, stderr, status.json
//   trials/12/1/closed        there once the study has heard its end
//
// The number of a run is its token. Only one run can take a number, whatever node it is on, and
// only the run with the greatest counts; the others notice, and stop.
#pragma once

#include <optional>

#include "program/attempt.hpp"

namespace etalon {

// A run's own files; the command and out/ are those of the attempt.
AttemptFiles files_of_run(const AttemptFiles& attempt, int run);

// The greatest number that was taken; 0: none.
int last_run(const AttemptFiles& attempt);

// Takes the next number. Throws RunError where the directory cannot be made.
int claim_run(const AttemptFiles& attempt);

// Nothing that a run of it still does counts.
void close_attempt(const AttemptFiles& attempt);
bool is_closed(const AttemptFiles& attempt);

// Whether another run counts instead of this one, or none.
bool is_replaced(const AttemptFiles& attempt, int run);

}  // namespace etalon

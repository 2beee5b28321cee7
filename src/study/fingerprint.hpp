// What must be equal for a study to go on where it stopped.
#pragma once

#include "etalon/store.hpp"
#include "etalon/study.hpp"
#include "etalon/workload.hpp"

namespace etalon {

// Settings as text, in a fixed order: those of the workload, then the options that the plan depends
// on, each named `study.FIELD`: among them the noise scale where one is given, and the recipe where
// a rule moves more of it than the learning rate. `jobs` is not among them. Numbers are written so
// that they read back to the same value.
Fingerprint study_fingerprint(const WorkloadInfo& workload, const StudyOptions& options);

}  // namespace etalon

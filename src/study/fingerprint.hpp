// What must be equal for a study to go on where it stopped.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etalon/study.hpp"
#include "etalon/workload.hpp"

namespace etalon {

// Settings as text, in a fixed order: those of the workload, then the options that the plan depends
// on, each named `study.FIELD`: among them the noise scale where one is given, and the recipe where
// a rule moves more of it than the learning rate. `jobs` is not among them. Numbers are written so
// that they read back to the same value.
using Fingerprint = std::vector<std::pair<std::string, std::string>>;

Fingerprint study_fingerprint(const WorkloadInfo& workload, const StudyOptions& options);

// A clause about the first setting in which two fingerprints differ, naming both values; nothing if
// they are equal.
std::optional<std::string> first_difference(const Fingerprint& stored, const Fingerprint& asked);

}  // namespace etalon

// What limits the learning rates of a study, for programs. Pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "etalon/study.hpp"

namespace etalon {

// Null where nothing was measured. docs/summary-json.md has its keys.
nlohmann::ordered_json limits_json(const StudyResult& result);

}  // namespace etalon

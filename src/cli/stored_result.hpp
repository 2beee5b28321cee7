// What a study on disk says, whatever kind of study it is.
#pragma once

#include <string>

#include "etalon/store.hpp"
#include "etalon/study.hpp"

namespace etalon::cli {

// `name` is what it is called in errors; `tolerance` as --tolerance takes it, or empty: the
// study's. Throws InputError where it has no trials, or compares losses in another way.
StudyResult stored_result(const StudyFile& study, const std::string& name,
                          const std::string& tolerance = "");

}  // namespace etalon::cli

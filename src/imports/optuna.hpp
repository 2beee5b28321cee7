// Optuna's SQLite storage, of all versions that it has had: a trial is a run, named "trial 3", or
// "STUDY trial 3" where the file has several studies, which the setting "study" then names.
//
// The objective is the curve "value" (with several objectives "value_0", "value_1", ...) at the
// last step that was reported, or at 0; what was reported on the way is "intermediate_value".
// A trial's state is Optuna's word: a value of a PRUNED one is where it was when it ended.
// Attributes of users are settings with the names that trials_dataframe() has, "user_attrs_NAME".
//
// Versions are told by their tables and columns. Before 2.4, the objective was trials.value, and
// trial_values were the intermediate values.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_optuna_database(const std::filesystem::path& file);
void read_optuna_database(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon

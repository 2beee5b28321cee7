// Trials of a study as rows of the tables `trials` and `curve`; docs/study-file.md documents them.
#pragma once

#include <SQLiteCpp/Database.h>

#include <vector>

#include "etalon/store.hpp"

namespace etalon {

// Stores the trial and its curve, in one transaction. One of its number that is pending or failed
// gives way, any other stays and is a constraint violated.
void insert_trial(SQLite::Database& database, const TrialRecord& record);

// All trials, by id.
std::vector<TrialRecord> select_trials(SQLite::Database& database, Curves curves);

}  // namespace etalon

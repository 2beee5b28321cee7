// Trials as rows of a study file.
#pragma once

#include <SQLiteCpp/Database.h>

#include <vector>

#include "etalon/store.hpp"

namespace etalon {

// Inserts the trial and its curve, in one transaction.
void insert_trial(SQLite::Database& database, const TrialRecord& record);

// All trials with their curves, by id.
std::vector<TrialRecord> select_trials(SQLite::Database& database);

}  // namespace etalon

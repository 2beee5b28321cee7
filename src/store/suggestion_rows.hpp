// Asked runs as rows of the table `suggestions` of a study file; docs/study-file.md documents it.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "etalon/store.hpp"

namespace etalon {

// Makes the table unless it is there.
void create_suggestions(SQLite::Database& database);

// By id; none where there is no table yet.
std::vector<AskedTrial> select_suggestions(SQLite::Database& database);

void insert_suggestion(SQLite::Database& database, const AskedTrial& run);
void update_suggestion(SQLite::Database& database, const AskedTrial& run);  // the row of its id

// The trials of `etalon study` that are points of its learning-rate sweep, without their curves.
std::vector<Observation> select_sweep(SQLite::Database& database);

}  // namespace etalon

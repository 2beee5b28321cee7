// Asked trials as rows of the table `suggestions`; docs/study-file.md documents it. What is asked
// of a study of many thousand trials is found by an index.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "etalon/store.hpp"

namespace etalon {

// By id; none where an earlier format has no table yet.
std::vector<AskedTrial> select_asked(SQLite::Database& database);

// Those without a result: pending, failed. By id.
std::vector<AskedTrial> select_open(SQLite::Database& database);

// Those that were stopped before their end. By id; none where an earlier format has no table yet.
std::vector<TrialSpec> select_pruned_asked(SQLite::Database& database);

std::optional<AskedTrial> find_asked(SQLite::Database& database, std::int64_t id);
std::optional<AskedTrial> find_asked(SQLite::Database& database, const TrialSpec& spec);

std::int64_t last_asked_id(SQLite::Database& database);  // 0 where there is none

void insert_asked(SQLite::Database& database, const AskedTrial& trial);
void update_asked(SQLite::Database& database, const AskedTrial& trial);  // the row of its id

// The least seed from `spec.seed` on that no asked trial of its batch size and learning rate has.
std::uint64_t free_seed(SQLite::Database& database, const TrialSpec& spec);

// Ascending; none where an earlier format has no table yet.
std::vector<std::int64_t> asked_batch_sizes(SQLite::Database& database);

// How much of a study is read around the best learning rate of each batch size.
struct NearBest {
  std::int64_t lrs = 0;      // up to so many learning rates on either side
  std::int64_t bins = 0;     // and, where those lie closer, of so many bins on either side,
  double bin = 2.0;          // whose ends are this factor apart, > 1,
  std::int64_t per_bin = 0;  // up to so many, the lowest,
  std::int64_t seeds = 0;    // of each up to so many results
};

// What was told of the learning rates around the best of every batch size, and of the lowest that
// diverged. In order of (batch size, lr, seed).
std::vector<Observation> select_near_best(SQLite::Database& database, const NearBest& amount);

}  // namespace etalon

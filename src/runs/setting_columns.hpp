// Which columns tell settings apart, so that runs of several are not taken as one's. Pure
// functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "runs/run_columns.hpp"
#include "runs/run_rows.hpp"
#include "runs/table.hpp"

namespace etalon {

struct SettingColumns {
  std::vector<std::string> group_by;  // in the table's order, those known by name first
  std::vector<std::string> derived;   // follow from the batch size or the learning rate
  std::vector<std::string> pooled;    // vary, but in too many ways to make groups
};

// Among the columns that have no role in `columns` and are no measurements by their names. Known
// settings (a model, a data set, an optimizer) always tell groups apart; others where they vary
// over `rows` with several rows for each of their values, and do not follow from the batch size
// alone or the learning rate alone.
SettingColumns find_settings(const Table& table, const RunColumns& columns,
                             std::span<const RunRow> rows);

}  // namespace etalon

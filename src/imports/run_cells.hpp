// What is known of each run as named texts, the cells of a table's row.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "imports/logged_run.hpp"
#include "metrics/column_names.hpp"
#include "runs/run_columns.hpp"
#include "runs/run_source.hpp"
#include "runs/table.hpp"

namespace etalon {

using Cells = std::map<std::string, std::string>;  // by column

bool has_role(const std::string& name, std::initializer_list<ColumnRole> roles);
// Whether one of these settings, in one of these roles, is a number.
bool has_number(const Cells& settings, std::initializer_list<ColumnRole> roles);
// The cell of a name, however it is spelled.
std::optional<std::string> find_cell(const Cells& cells, const std::string& name);

// The settings of each run; the greatest value of a logged learning rate and the last one of a
// logged batch size, where no setting is one; and what else was requested by name and is logged. A
// learning rate and a batch size have the likeliest of their names in all runs. Says what was
// taken.
std::vector<Cells> cells_of(std::span<const LoggedRun> runs, const RequestedColumns& requested,
                            const Say& say);

// A row for each of `rows`, with all columns that any has.
Table table_of(const std::vector<Cells>& rows, const std::string& name,
               const RequestedColumns& requested);

}  // namespace etalon

// Columns of a table by name or by role. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/column_names.hpp"
#include "runs/table.hpp"

namespace etalon {

// The table's own spelling of a name that differs from it in case, blanks or hyphens at most.
std::optional<std::string> spelled_column(const Table& table, std::string_view name);
// Throws InputError where there is no such column.
std::string require_column(const Table& table, std::string_view name);
// "a, b, c", cut where they are many.
std::string column_list(const Table& table);

// For messages: "'a'", and "'a', 'b', 3 more".
std::string in_quotes(const std::string& column);
std::string quoted_list(const std::vector<std::string>& columns);

// The columns in a role, the likeliest first.
std::vector<std::string> columns_in_role(const Table& table, ColumnRole role);
// Whether at least half of the texts that it holds are numbers.
bool is_numeric(const TableColumn& column);
// Those that are, or all where none is: then a row says what is wrong.
std::vector<std::string> prefer_numeric(const Table& table,
                                        const std::vector<std::string>& columns);

}  // namespace etalon

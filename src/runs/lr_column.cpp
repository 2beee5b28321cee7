#include "runs/lr_column.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "runs/find_columns.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

// Whether `column` is never below `other`, and above it somewhere.
bool exceeds(const Table& table, const TableColumn& column, const TableColumn& other) {
  bool is_above = false;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const double here = parse_number(column.at(row)).value_or(NAN);
    const double there = parse_number(other.at(row)).value_or(NAN);
    if (here < there || (std::isnan(here) && !std::isnan(there))) return false;
    is_above = is_above || here > there;
  }
  return is_above;
}

}  // namespace

std::optional<std::string> guess_lr(const Table& table, std::vector<std::string>& said) {
  std::vector<std::string> candidates = columns_in_role(table, ColumnRole::lr);
  if (candidates.empty()) candidates = columns_in_role(table, ColumnRole::logged_lr);
  if (candidates.empty()) return std::nullopt;
  candidates = prefer_numeric(table, candidates);
  std::string taken = candidates.front();
  std::string why;
  for (const std::string& other : candidates) {
    if (!exceeds(table, table.column(other), table.column(taken))) continue;
    why = fmt::format(": {} is at or below it in every row, as the last value of a schedule is",
                      in_quotes(taken));
    taken = other;
  }
  if (why.empty() && candidates.size() > 1) {
    candidates.erase(candidates.begin());
    why = fmt::format(", not {}", quoted_list(candidates));
  }
  said.push_back(fmt::format("took column {} as the learning rate{}", in_quotes(taken), why));
  return taken;
}

}  // namespace etalon

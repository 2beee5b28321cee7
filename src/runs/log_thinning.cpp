#include "runs/log_thinning.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include "etalon/error.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

struct LogRow {
  double order = 0.0;
  std::size_t row = 0;
};

std::vector<std::size_t> all_rows(const Table& table) {
  std::vector<std::size_t> rows(table.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

// By run, in order.
std::vector<std::vector<LogRow>> rows_by_run(const Table& table, const RunColumns& columns) {
  std::map<std::vector<std::uint32_t>, std::vector<LogRow>> runs;
  std::vector<const TableColumn*> names;
  for (const std::string& name : columns.run) names.push_back(&table.column(name));
  const TableColumn* order = columns.order ? &table.column(*columns.order) : nullptr;
  std::vector<std::uint32_t> key(names.size());
  for (std::size_t row = 0; row < table.size(); ++row) {
    std::transform(names.begin(), names.end(), key.begin(),
                   [&](const TableColumn* column) { return column->code_at(row); });
    const double place = order != nullptr ? parse_number(order->at(row)).value_or(-INFINITY)
                                          : static_cast<double>(row);
    runs[key].push_back({place, row});
  }
  std::vector<std::vector<LogRow>> sorted;
  for (auto& [name, rows] : runs) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const LogRow& a, const LogRow& b) { return a.order < b.order; });
    sorted.push_back(std::move(rows));
  }
  return sorted;
}

// Where the learning rate is greatest, the first of equals.
std::size_t row_of_greatest_lr(const TableColumn& lr, const std::vector<LogRow>& rows) {
  std::size_t greatest = rows.front().row;
  double so_far = -INFINITY;
  for (const LogRow& each : rows) {
    const double here = parse_number(lr.at(each.row)).value_or(-INFINITY);
    if (here > so_far) greatest = each.row;
    so_far = std::max(so_far, here);
  }
  return greatest;
}

// Of those that have a value, since others say nothing.
void keep_evenly(const std::vector<LogRow>& rows, const TableColumn& value, std::size_t most,
                 std::vector<std::size_t>& kept) {
  std::vector<LogRow> said;
  for (const LogRow& each : rows) {
    if (!is_blank(value.at(each.row))) said.push_back(each);
  }
  if (said.empty()) {
    kept.push_back(rows.back().row);
    return;
  }
  const double width = (said.back().order - said.front().order) / static_cast<double>(most);
  double last = -INFINITY;
  for (const LogRow& each : said) {
    const bool is_kept = each.row == said.back().row || !(each.order - last < width);
    if (!is_kept) continue;
    kept.push_back(each.row);
    last = each.order;
  }
}

}  // namespace

std::vector<std::size_t> thin_log(const Table& table, const RequestedColumns& requested,
                                  std::size_t most) {
  RunColumns columns;
  try {
    columns = guess_columns(table, requested).columns;
  } catch (const InputError&) {
    return all_rows(table);
  }
  if (columns.run.empty()) return all_rows(table);
  const auto runs = rows_by_run(table, columns);
  const std::size_t each = std::max<std::size_t>(most / runs.size(), 2);
  std::vector<std::size_t> kept;
  for (const std::vector<LogRow>& rows : runs) {
    keep_evenly(rows, table.column(columns.metric.column), each, kept);
    kept.push_back(row_of_greatest_lr(table.column(columns.lr), rows));
  }
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  return kept;
}

}  // namespace etalon

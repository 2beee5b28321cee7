#include "runs/course_columns.hpp"

#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "runs/find_columns.hpp"

namespace etalon {
namespace {

// Columns that may count the steps of a log.
std::vector<std::string> find_orders(const Table& table) {
  std::vector<std::string> orders;
  for (const ColumnRole role : {ColumnRole::steps, ColumnRole::epochs, ColumnRole::examples}) {
    for (const std::string& name : columns_in_role(table, role)) {
      const TableColumn& column = table.column(name);
      if (column.texts().size() > 2 && is_numeric(column)) orders.push_back(name);
    }
  }
  return orders;
}

std::string texts_at(const Table& table, const std::vector<std::string>& names, std::size_t row) {
  std::string texts;
  for (const std::string& name : names) texts += table.column(name).at(row) + '\n';
  return texts;
}

// What all rows of a run have in common.
std::vector<std::string> settings_of(const RunColumns& columns) {
  std::vector<std::string> settings = columns.batch_size.columns;
  if (columns.seed) settings.push_back(*columns.seed);
  return settings;
}

bool are_courses(const Table& table, const std::vector<std::string>& run, const std::string& order,
                 const RunColumns& columns) {
  const TableColumn& steps = table.column(order);
  const std::vector<std::string> fixed = settings_of(columns);
  std::map<std::string, std::string> settings;
  std::set<std::pair<std::string, std::string_view>> places;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const std::string name = texts_at(table, run, row);
    std::string here = texts_at(table, fixed, row);
    const auto [found, is_new] = settings.try_emplace(name, here);
    if (!is_new && found->second != here) return false;
    if (!places.emplace(name, steps.at(row)).second) return false;
  }
  return settings.size() < table.size();
}

}  // namespace

CourseColumns make_courses(const Table& table, const RunColumns& columns,
                           std::vector<std::string> run) {
  const std::vector<std::string> orders = find_orders(table);
  for (const std::string& order : orders) {
    if (are_courses(table, run, order, columns)) return {std::move(run), order};
  }
  if (orders.empty()) return {std::move(run), std::nullopt};
  return {std::move(run), orders.front()};
}

CourseColumns guess_courses(const Table& table, const RunColumns& columns) {
  const std::vector<std::string> orders = find_orders(table);
  for (const std::string& run : columns_in_role(table, ColumnRole::run)) {
    for (const std::string& order : orders) {
      if (are_courses(table, {run}, order, columns)) return {{run}, order};
    }
  }
  return {};
}

}  // namespace etalon

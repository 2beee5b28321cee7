#include "runs/setting_columns.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "etalon/trial.hpp"
#include "runs/column_names.hpp"
#include "runs/find_columns.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

// Rows that a value must have, on the average, for groups to be made of it.
constexpr std::size_t kRowsPerNumber = 4;
constexpr std::size_t kRowsPerText = 3;
// A recipe that differs in this many values at most is told apart whatever it holds.
constexpr std::size_t kFewRecipes = 3;

using RowSpan = std::span<const RunRow>;
using TextOfRow = std::string (*)(const Table&, const RunColumns&, std::size_t row);

std::string batch_size_text(const Table& table, const RunColumns& columns, std::size_t row) {
  std::string text;
  for (const std::string& column : columns.batch_size.columns) {
    text += table.column(column).at(row) + '\n';
  }
  return text;
}

std::string lr_text(const Table& table, const RunColumns& columns, std::size_t row) {
  return table.column(columns.lr).at(row);
}

std::size_t count_values(const TableColumn& column, RowSpan rows) {
  std::set<std::string_view> values;
  for (const RunRow& run : rows) values.insert(column.at(run.row));
  return values.size();
}

// Whether the column has one value for each text. Texts that hardly repeat prove nothing.
bool follows_from(TextOfRow text_of, const Table& table, const RunColumns& columns,
                  const TableColumn& column, RowSpan rows) {
  std::map<std::string, std::string_view> values;
  for (const RunRow& run : rows) {
    const std::string& value = column.at(run.row);
    const auto [found, is_new] = values.try_emplace(text_of(table, columns, run.row), value);
    if (!is_new && found->second != value) return false;
  }
  return 2 * values.size() <= rows.size();
}

bool is_recipe_name(const std::string& name) {
  return std::any_of(kMovableSettings.begin(), kMovableSettings.end(),
                     [&](const auto& setting) { return words_of(setting.name) == words_of(name); });
}

// Columns that have another meaning, or are measured.
bool has_role(const RunColumns& columns, const std::string& name) {
  const auto& grouped = columns.group_by;
  if (std::find(grouped.begin(), grouped.end(), name) != grouped.end()) return true;
  const bool is_chosen =
      name == columns.lr || name == columns.metric.column || name == columns.seed ||
      name == columns.state ||
      std::count(columns.batch_size.columns.begin(), columns.batch_size.columns.end(), name) > 0 ||
      std::count(columns.run.begin(), columns.run.end(), name) > 0;
  if (is_chosen) return true;
  const auto sense = sense_of(name);
  return (sense && sense->role != ColumnRole::optimizer) || metric_sense_of(name).has_value();
}

// Counts of tokens or parameters that differ by roundings are one.
bool is_nearly_one(const TableColumn& column, RowSpan rows) {
  constexpr double kNearly = 1.1;
  double least = 0.0, greatest = 0.0;
  for (const RunRow& run : rows) {
    const auto value = parse_number(column.at(run.row));
    if (!value || !(*value > 0.0)) return false;
    least = least == 0.0 ? *value : std::min(least, *value);
    greatest = std::max(greatest, *value);
  }
  return greatest <= kNearly * least;
}

enum class Kind { none, group, derived, pooled };

Kind kind_of(const Table& table, const RunColumns& columns, const TableColumn& column,
             RowSpan rows) {
  if (!column.is_kept()) return Kind::pooled;
  const std::size_t values = count_values(column, rows);
  const auto follows = [&](TextOfRow text_of) {
    return follows_from(text_of, table, columns, column, rows);
  };
  if (is_setting_name(column.name())) {
    const bool is_rounding = values > 1 && follows(batch_size_text) && is_nearly_one(column, rows);
    return is_rounding ? Kind::derived : Kind::group;
  }
  if (values < 2) return Kind::none;
  if (is_recipe_name(column.name())) {
    return values <= std::max(kFewRecipes, rows.size() / 2) ? Kind::group : Kind::pooled;
  }
  if (follows(batch_size_text) || follows(lr_text)) return Kind::derived;
  const std::size_t rows_each = is_numeric(column) ? kRowsPerNumber : kRowsPerText;
  return values * rows_each <= rows.size() ? Kind::group : Kind::pooled;
}

}  // namespace

SettingColumns find_settings(const Table& table, const RunColumns& columns, RowSpan rows) {
  SettingColumns result;
  std::vector<std::string> others;
  for (const TableColumn& column : table.columns) {
    const std::string& name = column.name();
    const bool is_known = is_setting_name(name);
    if (!is_known && has_role(columns, name)) continue;
    switch (kind_of(table, columns, column, rows)) {
      case Kind::none:
        break;
      case Kind::group:
        (is_known ? result.group_by : others).push_back(name);
        break;
      case Kind::derived:
        result.derived.push_back(name);
        break;
      case Kind::pooled:
        result.pooled.push_back(name);
    }
  }
  result.group_by.insert(result.group_by.end(), others.begin(), others.end());
  return result;
}

}  // namespace etalon

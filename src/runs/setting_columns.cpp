#include "runs/setting_columns.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

#include "etalon/trial.hpp"
#include "metrics/column_names.hpp"
#include "runs/find_columns.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

// Rows that a value must have, on the average and in two of them, for groups to be made of it.
constexpr std::size_t kRowsPerNumber = 4;
constexpr std::size_t kRowsPerText = 3;
// More columns than these are no settings that somebody chose.
constexpr std::size_t kMostUnknown = 12;
// A recipe that differs in this many values at most is told apart whatever it holds.
constexpr std::size_t kFewRecipes = 3;

using RowSpan = std::span<const RunRow>;

// What rows have in common, as a number from 0 on.
struct Labels {
  std::vector<std::size_t> of_row;
  std::size_t count = 0;
};

// A label for each combination of what the columns hold.
Labels label(const Table& table, const std::vector<std::string>& names, RowSpan rows) {
  Labels labels;
  std::map<std::vector<std::uint32_t>, std::size_t> numbers;
  std::vector<const TableColumn*> columns;
  columns.reserve(names.size());
  for (const std::string& name : names) columns.push_back(&table.column(name));
  std::vector<std::uint32_t> codes(columns.size());
  for (const RunRow& run : rows) {
    std::transform(columns.begin(), columns.end(), codes.begin(),
                   [&](const TableColumn* column) { return column->code_at(run.row); });
    labels.of_row.push_back(numbers.try_emplace(codes, numbers.size()).first->second);
  }
  labels.count = numbers.size();
  return labels;
}

// How many values there are, and how many rows the second most frequent one has.
struct ValueCounts {
  std::size_t values = 0;
  std::size_t second = 0;
};

ValueCounts count_values(const TableColumn& column, RowSpan rows) {
  std::vector<std::size_t> counts(column.texts().size());
  for (const RunRow& run : rows) ++counts[column.code_at(run.row)];
  std::sort(counts.begin(), counts.end(), std::greater<>());
  const auto values = std::find(counts.begin(), counts.end(), std::size_t{0}) - counts.begin();
  return {static_cast<std::size_t>(values), counts.size() > 1 ? counts[1] : 0};
}

// Whether the column has one value for each label. Labels that hardly repeat prove nothing.
bool follows_from(const Labels& labels, const TableColumn& column, RowSpan rows) {
  std::vector<std::optional<std::uint32_t>> values(labels.count);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t value = column.code_at(rows[i].row);
    auto& known = values[labels.of_row[i]];
    if (known && *known != value) return false;
    known = value;
  }
  return 2 * labels.count <= rows.size();
}

bool is_recipe_name(const std::string& name) {
  return std::any_of(kMovableSettings.begin(), kMovableSettings.end(),
                     [&](const auto& setting) { return words_of(setting.name) == words_of(name); });
}

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Columns that have another meaning, or are measured.
bool has_role(const Table& table, const RunColumns& columns, const std::string& name) {
  if (is_among(columns.group_by, name)) return true;
  const bool is_chosen =
      name == columns.lr || name == columns.metric.column || name == columns.seed ||
      name == columns.state ||
      std::count(columns.batch_size.columns.begin(), columns.batch_size.columns.end(), name) > 0 ||
      is_among(columns.run, name);
  if (is_chosen) return true;
  const auto sense = sense_of(name);
  if (sense && sense->role != ColumnRole::optimizer) return true;
  // "loss" may name the loss function, beside what was measured.
  return metric_sense_of(name).has_value() && is_numeric(table.column(name));
}

bool states_budget(const std::string& name) {
  const auto sense = sense_of(name);
  return sense && (sense->role == ColumnRole::examples || sense->role == ColumnRole::epochs);
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

enum class SettingKind { none, group, derived, pooled };

// Sorts the columns of a table.
class SettingSieve {
 public:
  SettingSieve(const Table& table, const RunColumns& columns, RowSpan rows)
      : rows_(rows),
        table_(table),
        batch_sizes_(label(table, columns.batch_size.columns, rows)),
        lrs_(label(table, {columns.lr}, rows)) {}

  SettingKind kind_of(const TableColumn& column) const {
    if (!column.is_kept()) return SettingKind::pooled;
    const auto [values, second] = count_values(column, rows_);
    const bool is_one_budget = states_budget(column.name()) && is_one(column, values);
    if (is_one_budget) return SettingKind::none;  // which is said where budgets are taken
    if (has_role_of_run(column.name())) return kind_of_run_name(column, values);
    if (is_name_of_each_run(values)) return SettingKind::pooled;
    if (is_setting_name(column.name())) {
      return values > 1 && is_one(column, values) ? SettingKind::derived : SettingKind::group;
    }
    if (values < 2) return SettingKind::none;
    if (is_recipe_name(column.name())) {
      const bool is_told_apart = values <= std::max(kFewRecipes, rows_.size() / 2);
      return is_told_apart ? SettingKind::group : SettingKind::pooled;
    }
    const bool is_derived =
        follows_from(batch_sizes_, column, rows_) || follows_from(lrs_, column, rows_);
    if (is_derived) return SettingKind::derived;
    const std::size_t rows_each = is_numeric(column) ? kRowsPerNumber : kRowsPerText;
    const bool is_crossed = values * rows_each <= rows_.size() && second >= rows_each;
    return is_crossed ? SettingKind::group : SettingKind::pooled;
  }

 private:
  // Though it is called as a setting is.
  bool is_name_of_each_run(std::size_t values) const {
    constexpr std::size_t kMany = 8;
    return values >= kMany && 2 * values > rows_.size();
  }

  // But for roundings to whole batches.
  bool is_one(const TableColumn& column, std::size_t values) const {
    if (values < 2) return true;
    return follows_from(batch_sizes_, column, rows_) && is_nearly_one(column, rows_);
  }

  static bool has_role_of_run(const std::string& name) {
    const auto sense = sense_of(name);
    return sense && sense->role == ColumnRole::run;
  }

  // What is called an experiment, for one, may tell groups of runs apart, or may be the name of a
  // run, of all runs of one learning rate or of those of one batch size.
  SettingKind kind_of_run_name(const TableColumn& column, std::size_t values) const {
    const bool is_name = values < 2 || values == rows_.size() || is_name_of_each_run(values) ||
                         has_one_lr_each(label(table_, {column.name()}, rows_));
    if (is_name) return SettingKind::none;
    return follows_from(batch_sizes_, column, rows_) ? SettingKind::derived : SettingKind::group;
  }

  bool has_one_lr_each(const Labels& labels) const {
    std::vector<std::optional<std::size_t>> lrs(labels.count);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      auto& known = lrs[labels.of_row[i]];
      if (known && *known != lrs_.of_row[i]) return false;
      known = lrs_.of_row[i];
    }
    return true;
  }

  RowSpan rows_;
  const Table& table_;
  Labels batch_sizes_, lrs_;
};

}  // namespace

SettingColumns find_settings(const Table& table, const RunColumns& columns, RowSpan rows) {
  SettingColumns result;
  std::vector<std::string> others;
  const SettingSieve sieve(table, columns, rows);
  for (const TableColumn& column : table.columns) {
    const std::string& name = column.name();
    if (is_among(columns.run, name)) continue;
    const bool is_known = is_setting_name(name);
    if (!is_known && has_role(table, columns, name)) continue;
    switch (sieve.kind_of(column)) {
      case SettingKind::none:
        break;
      case SettingKind::group:
        (is_known ? result.group_by : others).push_back(name);
        break;
      case SettingKind::derived:
        result.derived.push_back(name);
        break;
      case SettingKind::pooled:
        result.pooled.push_back(name);
    }
  }
  if (others.size() > kMostUnknown) {
    result.pooled.insert(result.pooled.begin(), others.begin(), others.end());
    others.clear();
  }
  result.group_by.insert(result.group_by.end(), others.begin(), others.end());
  return result;
}

}  // namespace etalon

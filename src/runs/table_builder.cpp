#include "runs/table_builder.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "runs/table_values.hpp"
#include "runs/value_columns.hpp"

namespace etalon {

TableBuilder::TableBuilder(std::string name, const TableOptions& options) : options_(options) {
  table_.name = std::move(name);
}

std::string TableBuilder::place(std::size_t line) const {
  return fmt::format("{}:{}", table_.name, line);
}

std::optional<std::size_t> TableBuilder::column_of(std::string_view name) {
  const auto [found, is_new] = index_.try_emplace(std::string(trim(name)), std::nullopt);
  if (!is_new) return found->second;
  const bool is_wanted = this->is_wanted(found->first);
  if (!is_wanted && unwanted_ == options_.most_columns) {
    index_.erase(found);
    return std::nullopt;
  }
  if (!is_wanted) ++unwanted_;
  found->second = table_.columns.size();
  table_.columns.emplace_back(found->first, is_wanted);
  return found->second;
}

bool TableBuilder::is_wanted(std::string_view name) const {
  return !options_.is_wanted || options_.is_wanted(name) ||
         options_.is_wanted(without_last_value(name));
}

void TableBuilder::start_row(std::size_t line) {
  if (table_.size() == options_.most_rows) thin(line);
  table_.lines.push_back(line);
}

// Rows of a log, of which some are enough.
void TableBuilder::thin(std::size_t line) {
  constexpr std::size_t kLeastGain = 4;  // of the rows
  if (options_.thin) {
    table_.index.clear();
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      table_.index.emplace(table_.columns[i].name(), i);
    }
    const std::vector<std::size_t> rows = options_.thin(table_);
    if (rows.size() + options_.most_rows / kLeastGain <= options_.most_rows) {
      table_.keep(rows);
      kept_bytes_ = 0;
      return;
    }
  }
  throw InputError(fmt::format("there are more than {} rows", options_.most_rows), place(line),
                   "give one row a run, or the last one of each");
}

void TableBuilder::set(std::size_t column, std::string_view text) {
  TableColumn& target = table_.columns[column];
  const std::size_t row = table_.size() - 1;
  if (target.last_row() == row) {
    throw InputError(fmt::format("'{}' is there twice", shortened(target.name())),
                     place(table_.lines.back()), "keep one of them");
  }
  kept_bytes_ += target.set(row, trim(text));
  if (kept_bytes_ <= options_.most_kept_bytes) return;
  throw InputError(fmt::format("the columns hold more than {} MB", options_.most_kept_bytes >> 20),
                   place(table_.lines.back()), "give the columns that are needed only");
}

void TableBuilder::set_if_new(std::size_t column, std::string_view text) {
  if (table_.columns[column].last_row() != table_.size() - 1) set(column, text);
}

Table TableBuilder::finish() && {
  const auto renamed = names_without_value(table_.column_names());
  for (TableColumn& column : table_.columns) {
    const auto found = renamed.find(column.name());
    if (found != renamed.end()) column.rename(found->second);
  }
  table_.index.clear();
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    table_.index.emplace(table_.columns[i].name(), i);
  }
  if (table_.size() > 0) return std::move(table_);
  throw InputError("there are no rows", table_.name, "give a file of runs");
}

}  // namespace etalon

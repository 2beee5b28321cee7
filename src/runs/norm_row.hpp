// The values of one row of gradient norms, checked where they stand. Values only.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/text.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "runs/find_columns.hpp"
#include "runs/table.hpp"
#include "runs/table_values.hpp"

namespace etalon {

// Where a number comes from in each row: a column, or the same in all.
struct NumberSource {
  std::optional<std::string> column;
  double fixed = 0.0;
};

inline bool is_blank_in(const NumberSource& source, const Table& table, std::size_t row) {
  return source.column && is_blank(table.column(*source.column).at(row));
}

class NormRow {
 public:
  NormRow(const Table& table, std::size_t row) : table_(table), row_(row) {}

  double batch_size(const NumberSource& source) const {
    if (!source.column) return source.fixed;
    const double value = number(*source.column);
    if (!is_valid_batch_size(value)) refuse(*source.column, value, "give it from 1 to 1e15");
    return value;
  }
  double squared_norm(const std::string& column, bool squared) const {
    const double value = number(column);
    if (!std::isfinite(value) || value < 0.0) {
      refuse(column, value, "leave such rows out: a gradient has a norm of 0 or more");
    }
    return squared ? value : value * value;
  }
  double number(const std::string& column) const {
    return to_number(table_, row_, table_.column(column), "give a number, or leave the row out");
  }

 private:
  [[noreturn]] void refuse(const std::string& column, double value, std::string_view advice) const {
    throw InputError(fmt::format("{} is {:g}", in_quotes(column), value), place_of(table_, row_),
                     advice);
  }

  const Table& table_;
  const std::size_t row_;
};

}  // namespace etalon

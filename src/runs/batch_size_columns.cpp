#include "runs/batch_size_columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/text.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "runs/find_columns.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

// A blank is 1: a run without accumulation often says nothing of it.
double factor_at(const Table& table, std::size_t row, const std::string& column) {
  const TableColumn& cells = table.column(column);
  if (is_blank(cells.at(row))) return 1.0;
  return to_number(table, row, cells, "give a number");
}

double product_at(const Table& table, std::size_t row, const std::vector<std::string>& columns) {
  double product = 1.0;
  for (const std::string& column : columns) product *= factor_at(table, row, column);
  return product;
}

bool is_constant(const Table& table, const std::vector<std::string>& columns) {
  for (std::size_t row = 1; row < table.size(); ++row) {
    if (product_at(table, row, columns) != product_at(table, 0, columns)) return false;
  }
  return true;
}

// Whether every micro-batch is the same where `column` is what one update averages over.
bool is_multiple(const Table& table, const std::string& column,
                 const std::vector<std::string>& factors) {
  const auto quotient = [&](std::size_t row) {
    return factor_at(table, row, column) / product_at(table, row, factors);
  };
  for (std::size_t row = 1; row < table.size(); ++row) {
    if (std::abs(quotient(row) / quotient(0) - 1.0) > 1e-9) return false;
  }
  return true;
}

std::optional<std::string> numeric_of(const Table& table, ColumnRole role) {
  const auto columns = columns_in_role(table, role);
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const std::string& column) {
    return is_numeric(table.column(column));
  });
  if (found == columns.end()) return std::nullopt;
  return *found;
}

// Micro-steps and devices, without those that are 1 in every row.
std::vector<std::string> factors_of(const Table& table) {
  std::vector<std::string> factors;
  const auto add = [&](ColumnRole role) {
    const auto column = numeric_of(table, role);
    if (!column) return false;
    const bool is_one = product_at(table, 0, {*column}) == 1.0 && is_constant(table, {*column});
    if (!is_one) factors.push_back(*column);
    return true;
  };
  add(ColumnRole::accumulation);
  if (add(ColumnRole::processes)) return factors;
  add(ColumnRole::devices);
  add(ColumnRole::nodes);
  return factors;
}

std::vector<std::string> with(const std::string& column, const std::vector<std::string>& factors) {
  std::vector<std::string> all = {column};
  all.insert(all.end(), factors.begin(), factors.end());
  return all;
}

BatchSizeColumns take_product(const std::string& column, const std::vector<std::string>& factors,
                              std::vector<std::string>& said) {
  BatchSizeColumns result{with(column, factors)};
  said.push_back(factors.empty()
                     ? fmt::format("took column '{}' as the batch size", shortened(column))
                     : fmt::format("took {} as the batch size, of all micro-steps and devices; "
                                   "{} '{}' takes that alone",
                                   result.to_text(), field_name("batch_column"),
                                   shortened(column)));
  return result;
}

// Without factors, it may be all of it or not.
BatchSizeColumns take_of_device(const std::string& column, const std::vector<std::string>& factors,
                                std::vector<std::string>& said) {
  if (!factors.empty()) return take_product(column, factors, said);
  said.push_back(
      fmt::format("took column '{}' as the batch size, as if there were one device and "
                  "no accumulation: else say {} '{}*8' for eight of them",
                  shortened(column), field_name("batch_is"), column));
  return {{column}};
}

// One word of two meanings.
bool is_ambiguous(const std::string& column) { return column.ends_with("train_batch_size"); }

// A batch size may be of an update or of a micro-step: its factors tell.
BatchSizeColumns take_plain(const Table& table, const std::string& column,
                            const std::vector<std::string>& factors,
                            std::vector<std::string>& said) {
  if (factors.empty() && is_ambiguous(column)) {
    said.push_back(
        fmt::format("took column '{0}' as the batch size, as DeepSpeed means it; Hugging "
                    "Face means that of one process: then say {1} '{0}*8' for eight, or "
                    "for eight micro-steps",
                    shortened(column), field_name("batch_is")));
    return {{column}};
  }
  if (factors.empty()) return take_product(column, {}, said);
  const BatchSizeColumns all{with(column, factors)};
  if (is_constant(table, factors)) {
    said.push_back(fmt::format(
        "took column '{}' as the batch size; {} is the same in every row: if that is not in it, "
        "say {} '{}'",
        shortened(column), BatchSizeColumns{factors}.to_text(), field_name("batch_is"),
        fmt::join(all.columns, "*")));
    return {{column}};
  }
  if (!is_multiple(table, column, factors)) return take_product(column, factors, said);
  said.push_back(fmt::format(
      "took column '{}' as the batch size, with {} in it, since it is a multiple of that",
      shortened(column), BatchSizeColumns{factors}.to_text()));
  return {{column}};
}

// Whether `column` counts at least what the product does: the devices may be in it.
bool covers(const Table& table, const std::string& column, const std::vector<std::string>& others) {
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (factor_at(table, row, column) < product_at(table, row, others)) return false;
  }
  return true;
}

}  // namespace

double BatchSizeColumns::at(const Table& table, std::size_t row) const {
  // Only what it is multiplied by may be blank.
  to_number(table, row, table.column(columns.front()), "give a number");
  const double size = factor * product_at(table, row, columns);
  if (is_valid_batch_size(size)) return size;
  throw InputError(fmt::format("the batch size, {}, is {}", to_text(), size), place_of(table, row),
                   fmt::format("it must be from 1 to {:g}; correct or drop the row",
                               static_cast<double>(kGreatestBatchSize)));
}

std::string BatchSizeColumns::to_text() const {
  std::vector<std::string> texts;
  if (factor != 1.0) texts.push_back(fmt::format("{:g}", factor));
  for (const std::string& column : columns) texts.push_back(fmt::format("'{}'", shortened(column)));
  return fmt::format("{}", fmt::join(texts, " x "));
}

BatchSizeColumns parse_batch_size(const Table& table, std::string_view product) {
  BatchSizeColumns result;
  for (std::string_view rest = product;;) {
    const std::size_t end = std::min(rest.find('*'), rest.size());
    const std::string_view part = trim(rest.substr(0, end));
    const auto column = spelled_column(table, part);
    const auto number = parse_number(part);
    if (!column && number) {
      result.factor *= *number;
    } else {
      result.columns.push_back(require_column(table, part));
    }
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
  }
  if (!result.columns.empty()) return result;
  throw InputError(fmt::format("'{}' names no column", shortened(product)), table.name,
                   fmt::format("multiply columns, among: {}", column_list(table)));
}

std::optional<BatchSizeColumns> guess_batch_size(const Table& table,
                                                 std::vector<std::string>& said) {
  if (const auto global = numeric_of(table, ColumnRole::global_batch_size)) {
    return take_product(*global, {}, said);
  }
  const auto plain = numeric_of(table, ColumnRole::batch_size);
  const auto of_device = numeric_of(table, ColumnRole::device_batch_size);
  const std::vector<std::string> factors = factors_of(table);
  if (plain && of_device && covers(table, *plain, with(*of_device, factors))) {
    return take_product(*plain, {}, said);
  }
  if (of_device) return take_of_device(*of_device, factors, said);
  if (plain) return take_plain(table, *plain, factors, said);
  return std::nullopt;
}

}  // namespace etalon

#include "runs/run_budgets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etalon/error.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

constexpr double kTolerance = 0.05;
constexpr const char* kSayNone = "correct it, or say --budget-column none";

// Loggers count from zero, so that a whole table may hold the same zero.
double amount_at(const Table& table, std::size_t row, const std::string& column) {
  const double amount = to_number(table, row, column, kSayNone);
  if (amount >= 0.0 && std::isfinite(amount)) return amount;
  throw InputError(fmt::format("{} in column '{}' is no budget", amount, column),
                   place_of(table, row), kSayNone);
}

}  // namespace

void GroupBudget::check(const Table& table, std::size_t row, const std::string& unit,
                        const Budget& budget) {
  const auto [found, is_new] = first_.try_emplace(unit, budget);
  const Budget& first = found->second;
  const double part = kTolerance * std::min(budget.amount, first.amount);
  const double step =
      unit.find("epoch") == std::string::npos ? std::max(budget.batch_size, first.batch_size) : 0.0;
  if (std::abs(budget.amount - first.amount) <= std::max(part, step)) return;
  throw InputError(
      fmt::format("two budgets are mixed in one group: {:.4g} {} in this row, {:.4g} "
                  "in that of line {}",
                  budget.amount, unit, first.amount, first.line),
      place_of(table, row),
      "keep the runs of one, or tell them apart with --group-by: each budget has its own "
      "best learning rates");
}

void GroupBudget::check(const Table& table, std::size_t row, const RunColumns& columns,
                        double batch_size) {
  const auto check_one = [&](const std::string& column, const std::string& unit, double scale) {
    if (is_blank(text_at(table, row, column))) return;
    check(table, row, unit, {scale * amount_at(table, row, column), batch_size, table.lines[row]});
  };
  if (columns.steps) {
    check_one(*columns.steps, fmt::format("examples ({} x {})", *columns.steps, columns.batch_size),
              batch_size);
  }
  for (const std::string& column : columns.budgets) check_one(column, column, 1.0);
}

}  // namespace etalon

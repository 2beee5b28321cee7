#include "runs/run_budgets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

constexpr double kTolerance = 0.05;

std::string say_none() {
  return fmt::format("correct it, or say {} none", field_name("budget_column"));
}

// Loggers count from zero, so that a whole table may hold the same zero.
double amount_at(const Table& table, std::size_t row, const TableColumn& column) {
  const double amount = to_number(table, row, column, say_none());
  if (amount >= 0.0 && std::isfinite(amount)) return amount;
  throw InputError(fmt::format("{} in column '{}' is no budget", amount, shortened(column.name())),
                   place_of(table, row), say_none());
}

bool is_unset(const std::string& text) { return is_blank(text) || parse_number(text) == -1.0; }

bool is_near(double a, double b, double slack) {
  return std::abs(a - b) <= std::max(kTolerance * std::min(a, b), slack);
}

bool counts_epochs(const std::string& unit) { return unit.find("epoch") != std::string::npos; }

}  // namespace

bool is_set_budget(const TableColumn& column) {
  const auto& texts = column.texts();
  return std::any_of(texts.begin(), texts.end(),
                     [](const std::string& text) { return !is_unset(text); });
}

void GroupBudget::add_one(const std::string& unit, const Spent& spent) {
  const auto [found, is_new] = units_.try_emplace(unit, Unit{spent, {}, true, false});
  if (is_new) return;
  auto& [first, other, is_by_step, has_batch_sizes] = found->second;
  const double step = counts_epochs(unit) ? 0.0 : std::max(spent.batch_size, first.batch_size);
  if (!other && !is_near(spent.amount, first.amount, step)) other = spent;
  is_by_step =
      is_by_step && is_near(spent.amount / spent.batch_size, first.amount / first.batch_size, 0.0);
  has_batch_sizes = has_batch_sizes || spent.batch_size != first.batch_size;
}

void GroupBudget::add(const Table& table, std::size_t row, const RunColumns& columns,
                      double batch_size) {
  const auto add_column = [&](const std::string& name, const std::string& unit, double scale) {
    const TableColumn& column = table.column(name);
    if (is_unset(column.at(row))) return;
    add_one(unit, {scale * amount_at(table, row, column), batch_size, row});
  };
  if (columns.steps) {
    steps_unit_ = fmt::format("examples ('{}' x the batch size)", shortened(*columns.steps));
    add_column(*columns.steps, *steps_unit_, batch_size);
  }
  for (const std::string& column : columns.budgets) add_column(column, shortened(column), 1.0);
}

void GroupBudget::check(const Table& table) const {
  if (fixed_steps()) return;
  for (const auto& [unit, spent] : units_) {
    if (!spent.other) continue;
    throw InputError(
        fmt::format("two budgets are mixed in one group: {:.4g} {} in this row, {:.4g} in that of "
                    "line {}",
                    spent.other->amount, unit, spent.first.amount, table.lines[spent.first.row]),
        place_of(table, spent.other->row),
        fmt::format("each budget has its own best learning rates: keep the runs of one, tell them "
                    "apart with {}, or, where these are rows of one run's log, name its column "
                    "with {}",
                    field_name("group_by"), field_name("run_column")));
  }
}

std::optional<double> GroupBudget::fixed_steps() const {
  for (const auto& [unit, spent] : units_) {
    if (!spent.other || !spent.is_by_step || !spent.has_batch_sizes) continue;
    return unit == steps_unit_ ? spent.first.amount / spent.first.batch_size : 0.0;
  }
  return std::nullopt;
}

}  // namespace etalon

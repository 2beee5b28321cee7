#include "runs/run_examples.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "runs/find_columns.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

constexpr double kSameBudget = 0.05;

bool counts_tokens(const std::string& column) {
  const std::vector<std::string> words = words_of(column);
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word == "token" || word == "tokens"; });
}

// Of every run with a loss: the column's number, times the batch size where it counts steps. No run
// has fewer than one batch: such a column counts something else.
std::optional<double> examples_by(const Table& table, const RunGroup& group,
                                  const std::string& name, bool is_steps) {
  const TableColumn& column = table.column(name);
  if (!column.is_kept()) return std::nullopt;
  std::optional<double> examples;
  for (std::size_t i = 0; i < group.rows.size(); ++i) {
    const Observation& run = group.observations[i];
    if (run.diverged()) continue;
    const double amount = parse_number(column.at(group.rows[i])).value_or(0.0);
    if (!(amount > 0.0) || !std::isfinite(amount)) return std::nullopt;
    const double here = is_steps ? amount * run.batch_size : amount;
    if (here < run.batch_size) return std::nullopt;
    if (!examples) examples = here;
    const double slack = std::max(kSameBudget * *examples, run.batch_size);
    if (std::abs(here - *examples) > slack) return std::nullopt;
  }
  return examples;
}

}  // namespace

std::optional<double> examples_of(const Table& table, const RunGroup& group,
                                  const RunColumns& columns) {
  if (columns.steps) {
    if (const auto examples = examples_by(table, group, *columns.steps, true)) return examples;
  }
  for (const std::string& name : columns_in_role(table, ColumnRole::examples)) {
    if (counts_tokens(name)) continue;
    if (const auto examples = examples_by(table, group, name, false)) return examples;
  }
  return std::nullopt;
}

}  // namespace etalon

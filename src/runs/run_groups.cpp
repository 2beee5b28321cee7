#include "runs/run_groups.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <span>
#include <string_view>
#include <tuple>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view kBatchSizeNames[] = {"batch_size", "global_batch_size", "batch", "bs",
                                                "B"};
constexpr std::string_view kLrNames[] = {"lr", "learning_rate", "eta", "max_lr", "peak_lr"};
constexpr std::string_view kLossNames[] = {
    "loss", "final_loss", "val_loss", "validation_loss", "train_loss", "objective", "value"};
constexpr std::string_view kSettingNames[] = {"params",  "tokens",    "model",
                                              "dataset", "optimizer", "budget"};
// Settings of an optimizer: where they differ between runs, each combination is a group of its own,
// as the recipes are that a study's scaling rules move.
constexpr std::string_view kMovableNames[] = {"momentum", "beta1",        "beta2",
                                              "eps",      "weight_decay", "ema"};
constexpr std::string_view kSeedNames[] = {"seed"};
constexpr std::string_view kStateNames[] = {"state"};
constexpr std::string_view kStepsNames[] = {"steps", "num_steps", "train_steps"};
constexpr double kBudgetTolerance = 0.05;

std::optional<std::string> first_of(const Table& table, Names names) {
  for (const std::string_view name : names) {
    if (table.find_column(name)) return std::string(name);
  }
  return std::nullopt;
}

void require(const Table& table, const std::string& column) {
  if (table.find_column(column)) return;
  throw InputError(fmt::format("there is no column '{}'", column), table.name,
                   fmt::format("choose among: {}", fmt::join(table.columns, ", ")));
}

// One column that must be there: named by the user, or guessed aloud.
std::string find(const Table& table, const std::optional<std::string>& requested, Names names,
                 std::string_view meaning, std::string_view flag,
                 std::vector<std::string>& guesses) {
  if (requested) {
    require(table, *requested);
    return *requested;
  }
  const std::optional<std::string> found = first_of(table, names);
  if (!found) {
    throw InputError(
        fmt::format("no column looks like the {}", meaning), table.name,
        fmt::format("name it with {}, among: {}", flag, fmt::join(table.columns, ", ")));
  }
  guesses.push_back(fmt::format("took column '{}' as the {}", *found, meaning));
  return *found;
}

double to_number(const Table& table, std::size_t row, const std::string& column) {
  const std::string& text = table.rows[row][*table.find_column(column)];
  const auto first = text.find_first_not_of(" \t+");
  const auto last = text.find_last_not_of(" \t");
  double value = 0.0;
  if (first != std::string::npos) {
    const char* const end = text.data() + last + 1;
    const auto [stop, error] = std::from_chars(text.data() + first, end, value);
    if (error == std::errc() && stop == end) return value;
  }
  throw InputError(fmt::format("'{}' in column '{}' is no number", text, column),
                   fmt::format("{}:{}", table.name, table.lines[row]),
                   "give a number, or nan for a run that diverged");
}

double to_positive(const Table& table, std::size_t row, const std::string& column) {
  const double value = to_number(table, row, column);
  if (value > 0.0 && std::isfinite(value)) return value;
  throw InputError(fmt::format("{} in column '{}' is not positive", value, column),
                   fmt::format("{}:{}", table.name, table.lines[row]), "correct or drop the row");
}

const std::string& text_at(const Table& table, std::size_t row, const std::string& column) {
  return table.rows[row][*table.find_column(column)];
}

bool varies(const Table& table, std::string_view column) {
  if (!table.find_column(column)) return false;
  const std::string name(column);
  for (std::size_t row = 1; row < table.rows.size(); ++row) {
    if (text_at(table, row, name) != text_at(table, 0, name)) return true;
  }
  return false;
}

Observation read_run(const Table& table, std::size_t row, const RunColumns& columns,
                     bool has_diverged) {
  Observation run;
  run.batch_size = to_positive(table, row, columns.batch_size);
  run.lr = to_positive(table, row, columns.lr);
  const double loss = has_diverged ? NAN : to_number(table, row, columns.loss);
  if (std::isfinite(loss)) run.loss = loss;
  if (columns.seed) run.seed = static_cast<std::uint64_t>(to_number(table, row, *columns.seed));
  return run;
}

struct Budget {
  double examples = 0.0;
  std::size_t line = 0;
};

void check_budget(const Table& table, std::size_t row, double examples, Budget& budget) {
  if (budget.line == 0) budget = {examples, table.lines[row]};
  if (std::abs(std::log(examples / budget.examples)) <= std::log1p(kBudgetTolerance)) return;
  throw InputError(
      fmt::format("the row trains on {:.4g} examples (steps x batch size), line {} of the same "
                  "group on {:.4g}",
                  examples, budget.line, budget.examples),
      fmt::format("{}:{}", table.name, table.lines[row]),
      "separate budgets with --group-by, for they have different optima");
}

}  // namespace

GuessedColumns guess_columns(const Table& table, const RequestedColumns& requested) {
  GuessedColumns result;
  RunColumns& columns = result.columns;
  columns.batch_size = find(table, requested.batch_size, kBatchSizeNames, "batch size",
                            "--batch-column", result.guesses);
  columns.lr = find(table, requested.lr, kLrNames, "learning rate", "--lr-column", result.guesses);
  columns.loss = find(table, requested.loss, kLossNames, "loss", "--loss-column", result.guesses);
  if (requested.seed) require(table, *requested.seed);
  columns.seed = requested.seed ? requested.seed : first_of(table, kSeedNames);
  columns.state = first_of(table, kStateNames);
  columns.steps = first_of(table, kStepsNames);
  if (requested.group_by) {
    for (const std::string& column : *requested.group_by) require(table, column);
    columns.group_by = *requested.group_by;
    return result;
  }
  for (const std::string_view name : kSettingNames) {
    if (table.find_column(name)) columns.group_by.emplace_back(name);
  }
  for (const std::string_view name : kMovableNames) {
    if (varies(table, name)) columns.group_by.emplace_back(name);
  }
  if (!columns.group_by.empty()) {
    result.guesses.push_back(
        fmt::format("took one group per {}", fmt::join(columns.group_by, ", ")));
  }
  return result;
}

std::vector<RunGroup> group_runs(const Table& table, const RunColumns& columns) {
  std::vector<RunGroup> groups;
  std::map<std::vector<std::string>, std::size_t> index;
  std::map<std::tuple<std::size_t, double, double>, std::uint64_t> replicates;
  std::vector<Budget> budgets;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const std::string state = columns.state ? text_at(table, row, *columns.state) : "";
    const bool has_ended = state.empty() || state == "finished" || state == "diverged";
    if (!has_ended) continue;
    std::vector<std::string> key;
    for (const auto& column : columns.group_by) key.push_back(text_at(table, row, column));
    const auto [found, is_new] = index.try_emplace(key, groups.size());
    if (is_new) {
      RunGroup& group = groups.emplace_back();
      for (std::size_t i = 0; i < key.size(); ++i) {
        group.key.emplace_back(columns.group_by[i], key[i]);
      }
      budgets.emplace_back();
    }
    Observation run = read_run(table, row, columns, state == "diverged");
    const std::uint64_t replicate = ++replicates[{found->second, run.batch_size, run.lr}];
    if (!columns.seed) run.seed = replicate;
    if (columns.steps && run.loss) {
      check_budget(table, row, to_positive(table, row, *columns.steps) * run.batch_size,
                   budgets[found->second]);
    }
    groups[found->second].observations.push_back(run);
  }
  return groups;
}

}  // namespace etalon

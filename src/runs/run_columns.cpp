#include "runs/run_columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <span>
#include <string_view>

#include "etalon/error.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view kBatchSizeNames[] = {"batch_size", "global_batch_size", "batch", "bs",
                                                "b"};
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
constexpr std::string_view kStepsNames[] = {
    "steps",     "step",           "num_steps",    "train_steps", "training_steps", "total_steps",
    "max_steps", "global_step",    "global_steps", "iterations",  "iteration",      "iters",
    "iter",      "num_iterations", "updates",      "num_updates"};
constexpr std::string_view kBudgetNames[] = {
    "tokens",           "token",        "num_tokens",     "train_tokens",
    "training_tokens",  "total_tokens", "tokens_seen",    "consumed_tokens",
    "examples",         "num_examples", "train_examples", "examples_seen",
    "samples",          "num_samples",  "train_samples",  "samples_seen",
    "consumed_samples", "epochs",       "epoch",          "num_epochs",
    "train_epochs"};

std::string normalized(std::string_view name) {
  std::string result(trim(name));
  for (char& c : result) {
    const bool is_joint = c == ' ' || c == '-';
    c = is_joint ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

// The table's own spelling of a name.
std::optional<std::string> spelled(const Table& table, std::string_view name) {
  if (table.find_column(name)) return std::string(name);
  const std::string wanted = normalized(name);
  for (const std::string& column : table.columns) {
    if (normalized(column) == wanted) return column;
  }
  return std::nullopt;
}

std::optional<std::string> first_of(const Table& table, Names names) {
  for (const std::string_view name : names) {
    if (auto column = spelled(table, name)) return column;
  }
  return std::nullopt;
}

bool is_one_of(Names names, const std::string& column) {
  return std::find(names.begin(), names.end(), normalized(column)) != names.end();
}

std::string require(const Table& table, const std::string& column) {
  if (auto found = spelled(table, column)) return *found;
  throw InputError(fmt::format("there is no column '{}'", column), table.name,
                   fmt::format("choose among: {}", fmt::join(table.columns, ", ")));
}

// One column that must be there: named by the user, or guessed aloud.
std::string find(const Table& table, const std::optional<std::string>& requested, Names names,
                 std::string_view meaning, std::string_view flag,
                 std::vector<std::string>& guesses) {
  if (requested) return require(table, *requested);
  const std::optional<std::string> found = first_of(table, names);
  if (!found && table.columns.size() == 1) {
    throw InputError(fmt::format("there is only one column, '{}'", table.columns[0]), table.name,
                     "separate the columns by commas, tabs or semicolons");
  }
  if (!found) {
    throw InputError(
        fmt::format("no column looks like the {}", meaning), table.name,
        fmt::format("name it with {}, among: {}", flag, fmt::join(table.columns, ", ")));
  }
  guesses.push_back(fmt::format("took column '{}' as the {}", *found, meaning));
  return *found;
}

bool varies(const Table& table, const std::string& column) {
  const std::size_t at = *table.find_column(column);
  return std::any_of(table.rows.begin(), table.rows.end(),
                     [&](const auto& row) { return row[at] != table.rows.front()[at]; });
}

void guess_groups(const Table& table, const RequestedColumns& requested, GuessedColumns& result) {
  std::vector<std::string>& group_by = result.columns.group_by;
  if (requested.group_by) {
    for (const std::string& column : *requested.group_by) {
      group_by.push_back(require(table, column));
    }
    return;
  }
  for (const std::string_view name : kSettingNames) {
    if (const auto column = spelled(table, name)) group_by.push_back(*column);
  }
  for (const std::string_view name : kMovableNames) {
    const auto column = spelled(table, name);
    if (column && varies(table, *column)) group_by.push_back(*column);
  }
  if (!group_by.empty()) {
    result.guesses.push_back(fmt::format("took one group per {}", fmt::join(group_by, ", ")));
  }
}

void add_budget(const std::string& column, RunColumns& columns) {
  if (is_one_of(kStepsNames, column)) {
    columns.steps = column;
  } else {
    columns.budgets.push_back(column);
  }
}

// Every group has one value of what it is grouped by, so that this needs no check.
void guess_budgets(const Table& table, const RequestedColumns& requested, GuessedColumns& result) {
  RunColumns& columns = result.columns;
  if (requested.budget) {
    if (*requested.budget != "none") add_budget(require(table, *requested.budget), columns);
    return;
  }
  const auto take = [&](const std::optional<std::string>& column, std::string_view meaning) {
    const auto& groups = columns.group_by;
    if (!column || std::find(groups.begin(), groups.end(), *column) != groups.end()) return;
    add_budget(*column, columns);
    result.guesses.push_back(fmt::format("took column '{}' as {}", *column, meaning));
  };
  take(first_of(table, kStepsNames), "the budget, in steps");
  for (const std::string_view name : kBudgetNames) take(spelled(table, name), "the budget");
}

void note_empty_losses(const Table& table, GuessedColumns& result) {
  if (result.columns.state) return;  // which says what became of them
  const std::size_t loss = *table.find_column(result.columns.loss);
  const auto empty = std::count_if(table.rows.begin(), table.rows.end(),
                                   [&](const auto& row) { return is_blank(row[loss]); });
  if (empty == 0) return;
  result.guesses.push_back(fmt::format("took {} row{} with an empty '{}' as diverged", empty,
                                       empty == 1 ? "" : "s", result.columns.loss));
}

}  // namespace

GuessedColumns guess_columns(const Table& table, const RequestedColumns& requested) {
  GuessedColumns result;
  result.guesses = table.guesses;
  RunColumns& columns = result.columns;
  columns.batch_size = find(table, requested.batch_size, kBatchSizeNames, "batch size",
                            "--batch-column", result.guesses);
  columns.lr = find(table, requested.lr, kLrNames, "learning rate", "--lr-column", result.guesses);
  columns.loss = find(table, requested.loss, kLossNames, "loss", "--loss-column", result.guesses);
  columns.seed = requested.seed ? require(table, *requested.seed) : first_of(table, kSeedNames);
  columns.state = first_of(table, kStateNames);
  guess_groups(table, requested, result);
  guess_budgets(table, requested, result);
  note_empty_losses(table, result);
  return result;
}

}  // namespace etalon

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
constexpr std::string_view kBudgetNames[] = {
    "tokens", "train_tokens", "examples", "train_examples", "samples", "epochs", "num_epochs"};
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

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t") == std::string::npos;
}

// Seeds are labels: whole numbers stand for themselves, other texts for numbers of their own.
class Seeds {
 public:
  std::uint64_t number_of(const std::string& text) {
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && stop == text.data() + text.size() && !text.empty()) return value;
    constexpr std::uint64_t kFirst = std::uint64_t{1} << 63;
    return labels_.try_emplace(text, kFirst + labels_.size()).first->second;
  }

 private:
  std::map<std::string, std::uint64_t> labels_;
};

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
  has_diverged = has_diverged || is_blank(text_at(table, row, columns.loss));
  const double loss = has_diverged ? NAN : to_number(table, row, columns.loss);
  if (std::isfinite(loss)) run.loss = loss;
  return run;
}

// The first budget of a group in one unit, and the line it comes from.
struct Budget {
  double amount = 0.0;
  std::size_t line = 0;
};
using Budgets = std::map<std::string, Budget>;

void check_budget(const Table& table, std::size_t row, const std::string& unit, double amount,
                  Budgets& budgets) {
  const auto [found, is_new] = budgets.try_emplace(unit, Budget{amount, table.lines[row]});
  const Budget& first = found->second;
  if (std::abs(std::log(amount / first.amount)) <= std::log1p(kBudgetTolerance)) return;
  throw InputError(fmt::format("two budgets are mixed in one group: {:.4g} {} in this row, {:.4g} "
                               "in that of line {}",
                               amount, unit, first.amount, first.line),
                   fmt::format("{}:{}", table.name, table.lines[row]),
                   "tell budgets apart with --group-by, for each has its own best learning rates");
}

void check_budgets(const Table& table, std::size_t row, const RunColumns& columns,
                   double batch_size, Budgets& budgets) {
  if (columns.steps) {
    check_budget(table, row, fmt::format("examples ({} x {})", *columns.steps, columns.batch_size),
                 to_positive(table, row, *columns.steps) * batch_size, budgets);
  }
  for (const std::string& column : columns.budgets) {
    if (is_blank(text_at(table, row, column))) continue;
    check_budget(table, row, column, to_positive(table, row, column), budgets);
  }
}

void guess_budgets(const Table& table, RunColumns& columns) {
  columns.steps = first_of(table, kStepsNames);
  for (const std::string_view name : kBudgetNames) {
    const bool is_grouped =
        std::find(columns.group_by.begin(), columns.group_by.end(), name) != columns.group_by.end();
    if (table.find_column(name) && !is_grouped) columns.budgets.emplace_back(name);
  }
}

void guess_groups(const Table& table, const RequestedColumns& requested, GuessedColumns& result) {
  RunColumns& columns = result.columns;
  if (requested.group_by) {
    for (const std::string& column : *requested.group_by) require(table, column);
    columns.group_by = *requested.group_by;
    return;
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
}

void note_empty_losses(const Table& table, GuessedColumns& result) {
  if (result.columns.state) return;  // which says what became of them
  const auto empty = std::count_if(table.rows.begin(), table.rows.end(), [&](const auto& row) {
    return is_blank(row[*table.find_column(result.columns.loss)]);
  });
  if (empty == 0) return;
  result.guesses.push_back(fmt::format("took {} row{} with an empty '{}' as diverged", empty,
                                       empty == 1 ? "" : "s", result.columns.loss));
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
  guess_groups(table, requested, result);
  guess_budgets(table, columns);
  note_empty_losses(table, result);
  return result;
}

std::vector<RunGroup> group_runs(const Table& table, const RunColumns& columns) {
  std::vector<RunGroup> groups;
  std::map<std::vector<std::string>, std::size_t> index;
  std::map<std::tuple<std::size_t, double, double>, std::uint64_t> replicates;
  std::vector<Budgets> budgets;
  Seeds seeds;
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
    run.seed = columns.seed ? seeds.number_of(text_at(table, row, *columns.seed)) : replicate;
    if (run.loss) check_budgets(table, row, columns, run.batch_size, budgets[found->second]);
    groups[found->second].observations.push_back(run);
  }
  return groups;
}

}  // namespace etalon

#include "runs/run_columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "etalon/trial.hpp"
#include "runs/course_columns.hpp"
#include "runs/find_columns.hpp"
#include "runs/foreign_states.hpp"
#include "runs/run_budgets.hpp"
#include "runs/run_rows.hpp"
#include "runs/scattered_runs.hpp"
#include "runs/setting_columns.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

constexpr std::string_view kNone = "none";
constexpr std::size_t kRunsOfAGroup = 20;  // of a random search, at least

[[noreturn]] void refuse_missing(const Table& table, std::string_view meaning,
                                 std::string_view field) {
  if (table.columns.size() == 1) {
    throw InputError(
        fmt::format("there is only one column, {}", in_quotes(table.columns[0].name())), table.name,
        "separate the columns by commas, tabs or semicolons");
  }
  throw InputError(
      fmt::format("no column looks like the {}", meaning), table.name,
      fmt::format("name it with {}, among: {}", field_name(field), column_list(table)));
}

// Whether `column` is never below `other`, and above it somewhere.
bool exceeds(const Table& table, const TableColumn& column, const TableColumn& other) {
  bool is_above = false;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const double here = parse_number(column.at(row)).value_or(NAN);
    const double there = parse_number(other.at(row)).value_or(NAN);
    if (here < there || (std::isnan(here) && !std::isnan(there))) return false;
    is_above = is_above || here > there;
  }
  return is_above;
}

// The column of the learning rate that was set: of several that look like one, that which is never
// below the others, since a schedule's last value is below its setting. What was taken is appended
// to `said`. Empty where no column looks like one.
std::optional<std::string> guess_lr(const Table& table, std::vector<std::string>& said) {
  std::vector<std::string> candidates = columns_in_role(table, ColumnRole::lr);
  if (candidates.empty()) candidates = columns_in_role(table, ColumnRole::logged_lr);
  if (candidates.empty()) return std::nullopt;
  candidates = prefer_numeric(table, candidates);
  std::string taken = candidates.front();
  std::string why;
  for (const std::string& other : candidates) {
    if (!exceeds(table, table.column(other), table.column(taken))) continue;
    why = fmt::format(": {} is at or below it in every row, as the last value of a schedule is",
                      in_quotes(taken));
    taken = other;
  }
  if (why.empty() && candidates.size() > 1) {
    candidates.erase(candidates.begin());
    why = fmt::format(", not {}", quoted_list(candidates));
  }
  said.push_back(fmt::format("took column {} as the learning rate{}", in_quotes(taken), why));
  return taken;
}

// Collects the columns of one table.
class ColumnGuess {
 public:
  ColumnGuess(const Table& table, const RequestedColumns& requested)
      : table_(table), requested_(requested) {
    said_ = table.guesses;
  }

  GuessedColumns run() {
    choose_batch_size();
    choose_lr();
    choose_metric();
    choose_seed();
    choose_states();
    choose_where();
    if (requested_.leaves_out_recipes) choose_recipes();
    choose_runs();
    choose_groups();
    choose_budgets();
    return {std::move(columns_), std::move(said_)};
  }

 private:
  void choose_batch_size() {
    if (requested_.batch_is) {
      columns_.batch_size = parse_batch_size(table_, *requested_.batch_is);
    } else if (requested_.batch_size) {
      columns_.batch_size.columns = {require_column(table_, *requested_.batch_size)};
    } else if (auto guessed = guess_batch_size(table_, said_)) {
      columns_.batch_size = std::move(*guessed);
    } else {
      refuse_missing(table_, "batch size", "batch_column");
    }
  }

  void choose_lr() {
    if (requested_.lr) {
      columns_.lr = require_column(table_, *requested_.lr);
    } else if (auto guessed = guess_lr(table_, said_)) {
      columns_.lr = std::move(*guessed);
    } else {
      refuse_missing(table_, "learning rate", "lr_column");
    }
  }

  void choose_metric() {
    const bool is_asked_for = requested_.loss.has_value();
    const std::string column = is_asked_for ? require_column(table_, *requested_.loss) : metric();
    columns_.metric = make_metric(table_, column, requested_.mode);
    if (columns_.metric.is_maximized()) {
      const std::string hint =
          requested_.mode ? "" : fmt::format("; {} min minimizes it", field_name("mode"));
      said_.push_back(fmt::format("took column {} to be maximized: the loss is {}{}",
                                  in_quotes(column), columns_.metric.loss_text(), hint));
    } else if (!requested_.mode && !metric_sense_of(column)) {
      said_.push_back(fmt::format("took column {} to be minimized; {} max maximizes it",
                                  in_quotes(column), field_name("mode")));
    } else if (!is_asked_for) {
      said_.push_back(fmt::format("took column {} as the loss", in_quotes(column)));
    }
  }

  std::string metric() const {
    std::vector<std::pair<int, std::string>> ranked;
    for (const TableColumn& column : table_.columns) {
      if (const auto sense = metric_sense_of(column.name())) {
        ranked.emplace_back(sense->rank, column.name());
      }
    }
    if (ranked.empty()) refuse_missing(table_, "loss", "loss_column");
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> names;
    names.reserve(ranked.size());
    for (auto& [rank, name] : ranked) names.push_back(std::move(name));
    return prefer_numeric(table_, names).front();
  }

  void choose_seed() {
    if (requested_.seed == kNone) return;
    if (requested_.seed) {
      columns_.seed = require_column(table_, *requested_.seed);
      return;
    }
    const auto found = columns_in_role(table_, ColumnRole::seed);
    if (found.empty()) return;
    columns_.seed = found.front();
    said_.push_back(fmt::format("took column {} as the seed", in_quotes(*columns_.seed)));
  }

  void choose_states() {
    if (requested_.state == kNone) return;
    if (requested_.state) {
      columns_.state = require_column(table_, *requested_.state);
      return;
    }
    for (const std::string& column : columns_in_role(table_, ColumnRole::state)) {
      if (!columns_.state && tells_states(table_.column(column))) columns_.state = column;
    }
    const auto first = [&](ColumnRole role) -> std::optional<std::string> {
      const auto found = columns_in_role(table_, role);
      return found.empty() ? std::nullopt : std::optional(found.front());
    };
    columns_.exit_code = first(ColumnRole::exit_code);
    columns_.diverged = first(ColumnRole::diverged);
    columns_.failed = first(ColumnRole::failed);
  }

  static bool tells_states(const TableColumn& column) {
    return std::any_of(column.texts().begin(), column.texts().end(), [](const std::string& text) {
      return parse_foreign_state(text).has_value();
    });
  }

  void choose_where() {
    for (const std::string& condition : requested_.where) {
      const auto [name, value] = parse_condition(condition, table_.name);
      columns_.where.emplace_back(require_column(table_, name), value);
    }
    columns_.at = requested_.at;
  }

  void choose_recipes() {
    for (const NamedSetting& setting : kMovableSettings) {
      if (auto column = spelled_column(table_, setting.name)) columns_.recipes.push_back(*column);
    }
  }

  void choose_runs() {
    if (requested_.run == std::vector<std::string>{std::string(kNone)}) return;
    CourseColumns courses = requested_.run
                                ? make_courses(table_, columns_, require_all(*requested_.run))
                                : guess_courses(table_, columns_);
    if (courses.run.empty()) return;
    columns_.run = std::move(courses.run);
    columns_.order = std::move(courses.order);
    said_.push_back(
        fmt::format("took the {} row of each {}{}, and the greatest {} of its rows",
                    columns_.at.to_text(), quoted_list(columns_.run),
                    columns_.order ? fmt::format(", by {}", in_quotes(*columns_.order)) : "",
                    in_quotes(columns_.lr)));
  }

  std::vector<std::string> require_all(const std::vector<std::string>& names) const {
    std::vector<std::string> columns;
    columns.reserve(names.size());
    for (const std::string& name : names) columns.push_back(require_column(table_, name));
    return columns;
  }

  void choose_groups() {
    choose_optimizer();
    if (requested_.group_by) columns_.group_by = require_all(*requested_.group_by);
    const RunRows rows = find_run_rows(table_, columns_);
    SettingColumns settings = find_settings(table_, columns_, rows.rows);
    if (requested_.group_by) {
      append_missing(settings.group_by, settings.pooled);
    } else if (is_random_search(rows.rows)) {
      take_nuisances(settings);
    } else if (!settings.group_by.empty()) {
      said_.push_back(fmt::format("took one group per {}", quoted_list(settings.group_by)));
      columns_.group_by = std::move(settings.group_by);
    }
    say_pooled(settings);
  }

  bool is_random_search(const std::vector<RunRow>& rows) const {
    std::vector<double> batch_sizes;
    batch_sizes.reserve(rows.size());
    for (const RunRow& row : rows) {
      batch_sizes.push_back(columns_.batch_size.at(table_, row.row));
    }
    return is_scattered(batch_sizes);
  }

  // No group of a random search has runs enough: its settings are told apart by a model, all but
  // those that are few and known.
  void take_nuisances(SettingColumns& settings) {
    for (const std::string& column : settings.group_by) {
      const std::size_t kinds = table_.column(column).texts().size() - 1;
      const bool is_group = is_setting_name(column) && kinds * kRunsOfAGroup <= table_.size();
      (is_group ? columns_.group_by : columns_.nuisances).push_back(column);
    }
    for (std::string& column : settings.pooled) columns_.nuisances.push_back(std::move(column));
    settings.pooled.clear();
    if (!columns_.group_by.empty()) {
      said_.push_back(fmt::format("took one group per {}", quoted_list(columns_.group_by)));
    }
  }

  // What would have told groups apart, had not the user named others, and varies.
  void append_missing(const std::vector<std::string>& from, std::vector<std::string>& to) const {
    for (const std::string& column : from) {
      const auto& grouped = columns_.group_by;
      const bool is_grouped = std::find(grouped.begin(), grouped.end(), column) != grouped.end();
      if (!is_grouped && table_.column(column).texts().size() > 2) to.push_back(column);
    }
  }

  void say_pooled(const SettingColumns& settings) {
    if (!settings.derived.empty()) {
      said_.push_back(fmt::format("left aside {}: fixed by the batch size or the learning rate",
                                  quoted_list(settings.derived)));
    }
    if (settings.pooled.empty()) return;
    said_.push_back(fmt::format("runs are not told apart by {}: {} names what makes them different",
                                quoted_list(settings.pooled), field_name("group_by")));
  }

  void choose_optimizer() {
    const auto found = columns_in_role(table_, ColumnRole::optimizer);
    if (!found.empty()) columns_.optimizer = found.front();
  }

  void add_budget(const std::string& column) {
    const auto sense = sense_of(column);
    if (sense && sense->role == ColumnRole::steps) {
      columns_.steps = column;
    } else {
      columns_.budgets.push_back(column);
    }
  }

  // Every group has one value of what it is grouped by, so that this needs no check.
  void take_budget(const std::string& column, std::string_view meaning) {
    const auto& groups = columns_.group_by;
    if (std::find(groups.begin(), groups.end(), column) != groups.end()) return;
    if (!is_set_budget(table_.column(column))) return;
    add_budget(column);
    said_.push_back(fmt::format("took column {} as {}", in_quotes(column), meaning));
  }

  void choose_budgets() {
    if (requested_.budget == kNone) return;
    if (requested_.budget) {
      add_budget(require_column(table_, *requested_.budget));
      return;
    }
    const auto steps = columns_in_role(table_, ColumnRole::steps);
    if (!steps.empty()) take_budget(steps.front(), "the budget, in steps");
    for (const ColumnRole role : {ColumnRole::examples, ColumnRole::epochs}) {
      for (const std::string& column : columns_in_role(table_, role)) {
        take_budget(column, "the budget");
      }
    }
  }

  const Table& table_;
  const RequestedColumns& requested_;
  RunColumns columns_;
  std::vector<std::string> said_;
};

bool is_same_name(const std::optional<std::string>& requested, std::string_view column) {
  return requested && words_of(*requested) == words_of(column);
}

}  // namespace

bool RequestedColumns::is_wanted(std::string_view column) const {
  const auto is_among = [&](const std::optional<std::vector<std::string>>& names) {
    return names && std::any_of(names->begin(), names->end(), [&](const std::string& name) {
             return is_same_name(name, column);
           });
  };
  const bool is_named =
      is_same_name(batch_size, column) || is_same_name(lr, column) || is_same_name(loss, column) ||
      is_same_name(seed, column) || is_same_name(state, column) || is_same_name(budget, column) ||
      is_among(run) || is_among(group_by) || is_factor(column) || is_condition(column);
  if (is_named) return true;
  const auto sense = sense_of(column);
  return (sense && sense->role != ColumnRole::aside) || metric_sense_of(column).has_value();
}

bool RequestedColumns::names_any() const {
  return batch_size || batch_is || lr || loss || mode || seed || state || budget || run ||
         group_by || !where.empty() || at.kind != MeasuredAt::Kind::last;
}

bool RequestedColumns::is_condition(std::string_view column) const {
  return std::any_of(where.begin(), where.end(), [&](const std::string& condition) {
    return words_of(condition.substr(0, condition.find('='))) == words_of(column);
  });
}

bool RequestedColumns::is_factor(std::string_view column) const {
  const std::string product = batch_is.value_or("");
  std::string_view rest = product;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('*'), rest.size());
    if (words_of(rest.substr(0, end)) == words_of(column)) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

Condition parse_condition(const std::string& text, const std::string& source) {
  const std::size_t equals = text.find('=');
  if (equals != std::string::npos) {
    return {std::string(trim(text.substr(0, equals))), std::string(trim(text.substr(equals + 1)))};
  }
  throw InputError(fmt::format("{} is '{}', without '='", field_name("where"), shortened(text)),
                   source, "say NAME=VALUE");
}

bool is_same_value(const std::string& cell, const std::string& wanted) {
  const auto number = parse_number(wanted);
  return cell == wanted || (number && parse_number(cell) == number);
}

GuessedColumns guess_columns(const Table& table, const RequestedColumns& requested) {
  return ColumnGuess(table, requested).run();
}

}  // namespace etalon

#include "runs/run_groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "core/text.hpp"
#include "runs/find_columns.hpp"
#include "runs/run_budgets.hpp"
#include "runs/run_examples.hpp"
#include "runs/run_rows.hpp"
#include "runs/scattered_runs.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

// Seeds are labels: whole numbers stand for themselves, other texts for numbers of their own.
class Seeds {
 public:
  explicit Seeds(const TableColumn& column) {
    std::set<std::string> labels;
    for (const std::string& text : column.texts()) {
      if (!parse(text)) labels.insert(text);
    }
    constexpr std::uint64_t kFirst = std::uint64_t{1} << 63;
    for (const std::string& label : labels) labels_.emplace(label, kFirst + labels_.size());
  }

  std::uint64_t number_of(const std::string& text) const {
    const auto number = parse(text);
    return number ? *number : labels_.at(text);
  }

 private:
  static std::optional<std::uint64_t> parse(const std::string& text) {
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
    return value;
  }

  std::map<std::string, std::uint64_t> labels_;
};

// Collects the groups of a table.
class Grouping {
 public:
  Grouping(const Table& table, const RunColumns& columns)
      : table_(table), columns_(columns), value_(table.column(columns.metric.column)) {
    if (columns.seed) seeds_.emplace(table.column(*columns.seed));
  }

  void add(const RunRow& run) {
    const std::size_t group = group_of(run.row);
    Observation observation;
    observation.batch_size = columns_.batch_size.at(table_, run.row);
    observation.lr = run.lr;
    if (!run.has_diverged) {
      observation.loss = columns_.metric.to_loss(to_number(table_, run.row, value_));
      budgets_[group].add(table_, run.row, columns_, observation.batch_size);
    }
    if (seeds_) observation.seed = seeds_->number_of(table_.column(*columns_.seed).at(run.row));
    groups_[group].observations.push_back(observation);
    groups_[group].rows.push_back(run.row);
    note_optimizer(groups_[group], run.row);
  }

  std::vector<RunGroup> take() {
    for (const GroupBudget& budget : budgets_) budget.check(table_);
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      groups_[i].holds_steps = budgets_[i].fixed_steps().has_value();
      sort(groups_[i]);
    }
    return std::move(groups_);
  }

  // Of the groups as `take` leaves them.
  std::vector<std::string> say(const std::vector<RunGroup>& groups) const {
    std::vector<std::string> said;
    if (!seeds_ && std::any_of(groups.begin(), groups.end(), has_replicates)) {
      said.emplace_back(
          "found no column of seeds: runs that agree in batch size and learning rate are not "
          "paired");
    }
    for (const GroupBudget& budget : budgets_) {
      const auto steps = budget.fixed_steps();
      if (!steps) continue;
      said.push_back(
          fmt::format("took the budget as one in steps{}: the same at every batch size, so that "
                      "larger ones see more examples",
                      *steps > 0.0 ? fmt::format(" ({:g})", *steps) : ""));
      break;
    }
    return said;
  }

 private:
  static bool has_replicates(const RunGroup& group) {
    const auto& runs = group.observations;
    return std::adjacent_find(runs.begin(), runs.end(), [](const auto& a, const auto& b) {
             return a.batch_size == b.batch_size && a.lr == b.lr;
           }) != runs.end();
  }

  std::size_t group_of(std::size_t row) {
    std::vector<std::string> key;
    for (const auto& column : columns_.group_by) key.push_back(table_.column(column).at(row));
    const auto [found, is_new] = index_.try_emplace(key, groups_.size());
    if (is_new) {
      RunGroup& group = groups_.emplace_back();
      for (std::size_t i = 0; i < key.size(); ++i) {
        group.key.emplace_back(columns_.group_by[i], key[i]);
      }
      budgets_.emplace_back();
    }
    return found->second;
  }

  void note_optimizer(RunGroup& group, std::size_t row) const {
    if (!columns_.optimizer) return;
    const std::string& name = table_.column(*columns_.optimizer).at(row);
    const bool is_first = group.observations.size() == 1;
    if (is_first && !is_blank(name)) group.optimizer = name;
    if (group.optimizer != name) group.optimizer.reset();
  }

  static void sort(RunGroup& group) {
    std::vector<std::pair<Observation, std::size_t>> runs;
    for (std::size_t i = 0; i < group.rows.size(); ++i) {
      runs.emplace_back(group.observations[i], group.rows[i]);
    }
    const auto key = [](const auto& run) {
      const Observation& observed = run.first;
      return std::tie(observed.batch_size, observed.lr, observed.seed, observed.loss, run.second);
    };
    std::sort(runs.begin(), runs.end(),
              [&](const auto& a, const auto& b) { return key(a) < key(b); });
    for (std::size_t i = 0; i < runs.size(); ++i) {
      std::tie(group.observations[i], group.rows[i]) = runs[i];
    }
  }

  const Table& table_;
  const RunColumns& columns_;
  const TableColumn& value_;
  std::optional<Seeds> seeds_;
  std::map<std::vector<std::string>, std::size_t> index_;
  std::vector<RunGroup> groups_;
  std::vector<GroupBudget> budgets_;
};

// A setting that says something of every run; none where it is of too many kinds.
std::optional<Nuisance> nuisance_of(const Table& table, const std::string& name,
                                    const std::vector<std::size_t>& rows) {
  constexpr std::size_t kMostKinds = 6;
  const TableColumn& column = table.column(name);
  if (!column.is_kept()) return std::nullopt;
  Nuisance nuisance{name, {}, !is_numeric(column)};
  std::map<std::string, double> kinds;
  for (const std::size_t row : rows) {
    const std::string& text = column.at(row);
    const auto number = parse_number(text);
    if (!nuisance.is_label && (!number || !std::isfinite(*number))) return std::nullopt;
    const auto kind = static_cast<double>(kinds.size());
    nuisance.values.push_back(nuisance.is_label ? kinds.try_emplace(text, kind).first->second
                                                : *number);
  }
  if (nuisance.is_label && (kinds.size() < 2 || kinds.size() > kMostKinds)) return std::nullopt;
  return nuisance;
}

// Makes runs of a random search comparable, and says what was done.
void even_out(const Table& table, const RunColumns& columns, RunGroup& group,
              std::vector<std::string>& said) {
  std::vector<Nuisance> nuisances;
  for (const std::string& name : columns.nuisances) {
    if (auto nuisance = nuisance_of(table, name, group.rows)) {
      nuisances.push_back(std::move(*nuisance));
    }
  }
  const std::vector<std::string> removed = remove_nuisances(group.observations, nuisances);
  if (!removed.empty()) {
    said.push_back(fmt::format("took away what {} did to the losses, as a regression has it",
                               quoted_list(removed)));
  }
  std::vector<std::string> others;
  for (const std::string& name : columns.nuisances) {
    const bool is_removed = std::find(removed.begin(), removed.end(), name) != removed.end();
    if (!is_removed) others.push_back(name);
  }
  if (!others.empty()) {
    said.push_back(fmt::format("runs are not told apart by {}, which explain{} none of the losses",
                               quoted_list(others), others.size() == 1 ? "s" : ""));
  }
  if (const auto before = pool_batch_sizes(group.observations)) {
    std::set<double> sizes;
    for (const Observation& run : group.observations) sizes.insert(run.batch_size);
    said.push_back(
        fmt::format("joined {} batch sizes that are near each other to {}", *before, sizes.size()));
  }
}

}  // namespace

GroupedRuns group_runs(const Table& table, const RunColumns& columns) {
  RunRows rows = find_run_rows(table, columns);
  Grouping grouping(table, columns);
  for (const RunRow& run : rows.rows) grouping.add(run);
  GroupedRuns result;
  result.groups = grouping.take();
  for (RunGroup& group : result.groups) {
    group.examples = examples_of(table, group, columns);
    even_out(table, columns, group, rows.said);
  }
  result.said = std::move(rows.said);
  for (std::string& sentence : grouping.say(result.groups)) {
    result.said.push_back(std::move(sentence));
  }
  return result;
}

}  // namespace etalon

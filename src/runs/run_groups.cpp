#include "runs/run_groups.hpp"

#include <charconv>
#include <cmath>
#include <map>
#include <tuple>

#include "runs/run_budgets.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

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

}  // namespace

std::vector<RunGroup> group_runs(const Table& table, const RunColumns& columns) {
  std::vector<RunGroup> groups;
  std::map<std::vector<std::string>, std::size_t> index;
  std::map<std::tuple<std::size_t, double, double>, std::uint64_t> replicates;
  std::vector<GroupBudget> budgets;
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
    if (run.loss) budgets[found->second].check(table, row, columns, run.batch_size);
    groups[found->second].observations.push_back(run);
  }
  return groups;
}

}  // namespace etalon

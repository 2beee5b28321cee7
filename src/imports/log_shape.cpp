#include "imports/log_shape.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "imports/log_counters.hpp"
#include "metrics/column_names.hpp"

namespace etalon {
namespace {

// The names of what is not the same in all rows that have it.
std::set<std::string> names_that_vary(std::span<const LogRow> rows) {
  std::map<std::string, double> first;
  std::set<std::string> names;
  for (const LogRow& row : rows) {
    for (const auto& [name, value] : row) {
      if (first.try_emplace(name, value).first->second != value) names.insert(name);
    }
  }
  return names;
}

// `batch` mostly counts the batches of an epoch.
bool is_fixed_in_run(std::string_view name) {
  const auto sense = sense_of(name);
  if (!sense || words_of(name).back() == "batch" || words_of(name).back() == "b") return false;
  static constexpr ColumnRole kFixed[] = {ColumnRole::batch_size, ColumnRole::global_batch_size,
                                          ColumnRole::device_batch_size, ColumnRole::seed,
                                          ColumnRole::run};
  return std::find(std::begin(kFixed), std::end(kFixed), sense->role) != std::end(kFixed);
}

bool is_scheduled(std::string_view name) {
  const auto sense = sense_of(name);
  return sense && sense->role == ColumnRole::lr;
}

// Of all rows, those that have the finest counter of the first.
std::vector<double> counts_of(std::span<const LogRow> rows) {
  std::vector<double> counts;
  int rank = -1;
  for (const LogRow& row : rows) {
    const auto counter = counter_of(row);
    if (counter && rank < 0) rank = counter->rank;
    if (counter && counter->rank == rank) counts.push_back(counter->value);
  }
  return counts;
}

}  // namespace

bool are_rows_of_log(std::span<const LogRow> rows) {
  const std::vector<double> counts = counts_of(rows);
  const std::set<std::string> varying = names_that_vary(rows);
  if (counts.empty() || std::any_of(varying.begin(), varying.end(), is_fixed_in_run)) return false;
  const auto change = std::adjacent_find(counts.begin(), counts.end(), std::not_equal_to<>());
  if (change != counts.end()) return *change < *std::next(change);
  return std::none_of(varying.begin(), varying.end(), is_scheduled);
}

}  // namespace etalon

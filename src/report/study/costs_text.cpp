#include "report/study/costs_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/plain_number.hpp"

namespace etalon {
namespace {

using CostJson = nlohmann::ordered_json;
using Say = std::function<std::string(double)>;

constexpr double kMinute = 60.0, kHour = 3600.0, kDay = 86400.0;
constexpr double kManyOfAUnit = 2.0;  // below, the smaller unit says more

std::string money_text(double money) { return rounded_number(money, 3); }

// "12.3 s [10.1 s, 14.9 s]"
std::string with_interval(const Estimated& of, const Say& say) {
  if (!of.low || !of.high) return say(of.value);
  return fmt::format("{} [{}, {}]", say(of.value), say(*of.low), say(*of.high));
}

std::string not_told_text(const LeastCost& least) {
  if (least.not_told_from.empty()) return "";
  return fmt::format(", which B={} cannot be told from", fmt::join(least.not_told_from, ", "));
}

std::string cell_text(const CostOfTarget& row, const Estimated& of, const Say& say) {
  return (row.is_bound ? "< " : "") + with_interval(of, say);
}

const CostOfTarget* row_at(const CostsOfTarget& costs, std::int64_t batch_size) {
  const auto found = std::find_if(costs.rows.begin(), costs.rows.end(),
                                  [&](const auto& row) { return row.batch_size == batch_size; });
  return found == costs.rows.end() ? nullptr : &*found;
}

bool has_prices(const CostsOfTarget& costs) {
  return std::any_of(costs.rows.begin(), costs.rows.end(),
                     [](const CostOfTarget& row) { return row.cost.has_value(); });
}

CostJson end_or_null(const std::optional<double>& end) { return end ? CostJson(*end) : CostJson(); }

CostJson cost_json(const Estimated& of) {
  return {{"value", of.value}, {"low", end_or_null(of.low)}, {"high", end_or_null(of.high)}};
}

CostJson row_json(const CostOfTarget& row) {
  return {{"batch_size", row.batch_size},
          {"is_bound", row.is_bound},
          {"examples_per_second", row.examples_per_second},
          {"seconds", cost_json(row.seconds)},
          {"cost", row.cost ? cost_json(*row.cost) : CostJson()}};
}

CostJson least_json(const std::optional<LeastCost>& least) {
  if (!least) return nullptr;
  return {{"batch_size", least->batch_size}, {"not_told_from", least->not_told_from}};
}

}  // namespace

std::string time_text(double seconds) {
  if (seconds < kManyOfAUnit * kMinute) return rounded_number(seconds, 3) + " s";
  if (seconds < kManyOfAUnit * kHour) return rounded_number(seconds / kMinute, 3) + " min";
  if (seconds < kManyOfAUnit * kDay) return rounded_number(seconds / kHour, 3) + " h";
  return rounded_number(seconds / kDay, 3) + " days";
}

std::string costs_sentence(const CostsOfTarget& costs) {
  if (!costs.fastest) return "";
  std::string text = fmt::format(
      " {} the target is reached soonest at B={}, in {}{}",
      costs.rates_are_measured ? "As fast as its own runs went," : "On the hardware given",
      costs.fastest->batch_size, with_interval(costs.fastest->at, time_text),
      not_told_text(*costs.fastest));
  if (costs.cheapest) {
    text +=
        fmt::format("; cheapest at B={}, for {}{}", costs.cheapest->batch_size,
                    with_interval(costs.cheapest->at, money_text), not_told_text(*costs.cheapest));
  }
  return text + ".";
}

std::vector<Column> cost_columns(const CostsOfTarget& costs,
                                 const std::vector<std::int64_t>& batch_sizes) {
  Column times{"time", {}}, money{"cost", {}};
  for (const std::int64_t batch_size : batch_sizes) {
    const CostOfTarget* row = row_at(costs, batch_size);
    times.cells.push_back(row != nullptr ? cell_text(*row, row->seconds, time_text) : "-");
    const bool has_price = row != nullptr && row->cost;
    money.cells.push_back(has_price ? cell_text(*row, *row->cost, money_text) : "-");
  }
  std::vector<Column> columns;
  if (!costs.rows.empty()) columns.push_back(std::move(times));
  if (has_prices(costs)) columns.push_back(std::move(money));
  return columns;
}

CostJson costs_json(const CostsOfTarget& costs) {
  CostJson rows = CostJson::array();
  for (const CostOfTarget& row : costs.rows) rows.push_back(row_json(row));
  return {{"rates_are_measured", costs.rates_are_measured},
          {"rows", std::move(rows)},
          {"fastest", least_json(costs.fastest)},
          {"cheapest", least_json(costs.cheapest)}};
}

}  // namespace etalon

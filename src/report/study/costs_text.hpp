// What a study's target takes in time and money, in words, as columns of a table, and for programs.
// Pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "etalon/target.hpp"
#include "report/text_layout.hpp"

namespace etalon {

// "12.3 s", "4.1 min", "2.3 h", "5.2 days"
std::string time_text(double seconds);

// The fastest and the cheapest batch size; empty where nothing is known. Begins with a blank.
std::string costs_sentence(const CostsOfTarget& costs);

// A column of times and, where there are prices, one of money; a row for each of the batch sizes.
std::vector<Column> cost_columns(const CostsOfTarget& costs,
                                 const std::vector<std::int64_t>& batch_sizes);

// docs/summary-json.md has its keys.
nlohmann::ordered_json costs_json(const CostsOfTarget& costs);

}  // namespace etalon

// A forecast as every answer in JSON has it. Pure functions.
#pragma once

#include <nlohmann/json.hpp>

#include "etalon/advice.hpp"

namespace etalon {

// The keys of a prediction, as `fit`, `suggest` and docs/fit.md have them.
nlohmann::ordered_json forecast_json(const Forecast& forecast);

}  // namespace etalon

// A parameter of a trial, as Optuna stores it: a number, and the distribution that it was drawn
// from.
#pragma once

#include <string>
#include <string_view>

namespace etalon {

// The value as text: of a Categorical distribution the choice, which `stored` is the index of; of a
// distribution of integers a whole number. Empty where there is no such choice. `distribution` is
// JSON: {"name": "IntDistribution", "attributes": {...}}; before Optuna 3 the names were others.
std::string optuna_parameter(double stored, std::string_view distribution);

}  // namespace etalon

// Settings as W&B packs them, {"config": {"lr": {"value": 0.1, "desc": null}}}, by the names of
// their columns: "config.lr.value", or "config.lr/value" out of a field of CSV. Pure functions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

// "config.lr" for "config.lr.value"; another name as it is.
std::string_view without_last_value(std::string_view name);

// By the names of such columns, those without the "value", and without what is beside it: where all
// that lies as deep has that form, and some name means something without it.
std::map<std::string, std::string> names_without_value(const std::vector<std::string>& names);

}  // namespace etalon

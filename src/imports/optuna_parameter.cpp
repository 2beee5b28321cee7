#include "imports/optuna_parameter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "imports/log_text.hpp"

namespace etalon {
namespace {

// A choice may be a list of plain values; what is nested deeper is no setting.
bool is_plain(const nlohmann::json& choice) {
  return std::none_of(choice.begin(), choice.end(),
                      [](const nlohmann::json& inner) { return inner.is_structured(); });
}

std::string choice_at(double index, const nlohmann::json& distribution) {
  const auto choices = distribution.find("attributes");
  if (choices == distribution.end() || !choices->is_object()) return "";
  const auto list = choices->find("choices");
  if (list == choices->end() || !list->is_array()) return "";
  if (!(index >= 0.0) || index >= static_cast<double>(list->size())) return "";
  const nlohmann::json& choice = (*list)[static_cast<std::size_t>(index)];
  return !choice.is_structured() || is_plain(choice) ? text_of(choice) : "";
}

}  // namespace

std::string optuna_parameter(double stored, std::string_view distribution) {
  const nlohmann::json json = parse_log_json(distribution);
  const std::string name = json.is_object() && json.contains("name") ? text_of(json["name"]) : "";
  if (name == "CategoricalDistribution") return choice_at(stored, json);
  const bool is_whole = name.starts_with("Int") && std::isfinite(stored);
  return is_whole ? fmt::format("{:.0f}", stored) : fmt::format("{}", stored);
}

}  // namespace etalon

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/fit_output.hpp"
#include "cli/forecast_json.hpp"
#include "report/names.hpp"

namespace etalon::cli {
namespace {

using Json = nlohmann::ordered_json;

Json optional(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json to_json(const Optimum& optimum) {
  return {
      {"batch_size", optimum.batch_size},
      {"lr", optimum.lr},
      {"lr_low", optional(optimum.lr_low)},
      {"lr_high", optional(optimum.lr_high)},
      {"loss", optimum.loss},
      {"censored", optimum.censored == Censoring::none ? Json() : Json(name_of(optimum.censored))}};
}

Json to_json(const LawFit& law) {
  Json coefficients = Json::object();
  for (const Coefficient& coefficient : law.coefficients) {
    coefficients[coefficient.name] = {
        {"value", coefficient.value}, {"low", coefficient.low}, {"high", coefficient.high}};
  }
  return {{"law", law.law}, {"weight", law.weight}, {"coefficients", coefficients}};
}

Json to_json(const RuleForecast& rule) {
  return {{"rule", rule.rule}, {"lr", rule.lr}, {"expected_regret", rule.expected_regret}};
}

Json groups_json(const std::vector<GroupFit>& fits) {
  Json groups = Json::array();
  for (const GroupFit& fit : fits) {
    Json group = {{"key", Json::object()},
                  {"optima", Json::array()},
                  {"laws", Json::array()},
                  {"surface_weight", fit.refused ? Json() : Json(fit.surface_weight)},
                  {"explanation", fit.laws.explanation},
                  {"predictions", Json::array()},
                  {"refused", fit.refused ? Json(*fit.refused) : Json()}};
    for (const auto& [column, value] : fit.key) group["key"][column] = value;
    for (const Optimum& optimum : fit.optima) group["optima"].push_back(to_json(optimum));
    for (const LawFit& law : fit.laws.laws) group["laws"].push_back(to_json(law));
    for (const auto& entry : fit.forecasts) {
      Json prediction = forecast_json(entry.forecast);
      prediction["rules"] = Json::array();
      for (const RuleForecast& rule : entry.rules) prediction["rules"].push_back(to_json(rule));
      group["predictions"].push_back(std::move(prediction));
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

// The mean loss at every batch size and learning rate; none where a run diverged.
Json cells_json(const RunGroup& group) {
  struct Cell {
    double sum = 0.0;
    int runs = 0;
    bool has_diverged = false;
  };
  std::map<std::pair<double, double>, Cell> cells;
  for (const Observation& run : group.observations) {
    Cell& cell = cells[{run.batch_size, run.lr}];
    ++cell.runs;
    cell.sum += run.loss.value_or(0.0);
    cell.has_diverged = cell.has_diverged || !run.loss;
  }
  Json result = Json::array();
  for (const auto& [place, cell] : cells) {
    result.push_back({{"batch_size", place.first},
                      {"lr", place.second},
                      {"loss", cell.has_diverged ? Json() : Json(cell.sum / cell.runs)},
                      {"runs", cell.runs}});
  }
  return result;
}

}  // namespace

std::string fit_json(const std::vector<GroupFit>& fits) {
  return Json{{"groups", groups_json(fits)}}.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string fit_page_json(const std::vector<GroupFit>& fits, const std::vector<RunGroup>& groups,
                          const std::string& source, double level) {
  Json result = {{"source", source}, {"level", level}, {"groups", groups_json(fits)}};
  for (std::size_t i = 0; i < fits.size(); ++i) {
    Json& group = result["groups"][i];
    group["cells"] = cells_json(groups[i]);
    group["band"] = Json::array();
    for (const Forecast& forecast : fits[i].band) group["band"].push_back(forecast_json(forecast));
  }
  return result.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace etalon::cli

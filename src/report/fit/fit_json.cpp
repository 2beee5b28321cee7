#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "report/fit/fit_output.hpp"
#include "report/forecast_json.hpp"
#include "report/names.hpp"

namespace etalon {
namespace {

using FitJson = nlohmann::ordered_json;

FitJson number_or_null(const std::optional<double>& value) {
  return value ? FitJson(*value) : FitJson();
}

FitJson optimum_json(const Optimum& optimum) {
  return {{"batch_size", optimum.batch_size},
          {"lr", optimum.lr},
          {"lr_low", number_or_null(optimum.lr_low)},
          {"lr_high", number_or_null(optimum.lr_high)},
          {"loss", optimum.loss},
          {"censored",
           optimum.censored == Censoring::none ? FitJson() : FitJson(name_of(optimum.censored))}};
}

FitJson law_json(const LawFit& law) {
  FitJson coefficients = FitJson::object();
  for (const Coefficient& coefficient : law.coefficients) {
    coefficients[coefficient.name] = {
        {"value", coefficient.value}, {"low", coefficient.low}, {"high", coefficient.high}};
  }
  return {{"law", law.law}, {"weight", law.weight}, {"coefficients", coefficients}};
}

FitJson rule_json(const RuleForecast& rule) {
  return {{"rule", rule.rule}, {"lr", rule.lr}, {"expected_regret", rule.expected_regret}};
}

FitJson groups_json(const std::vector<GroupFit>& fits) {
  FitJson groups = FitJson::array();
  for (const GroupFit& fit : fits) {
    FitJson group = {{"key", FitJson::object()},
                     {"optima", FitJson::array()},
                     {"laws", FitJson::array()},
                     {"surface_weight", fit.refused ? FitJson() : FitJson(fit.surface_weight)},
                     {"explanation", fit.laws.explanation},
                     {"predictions", FitJson::array()},
                     {"refused", fit.refused ? FitJson(*fit.refused) : FitJson()}};
    for (const auto& [column, value] : fit.key) group["key"][column] = value;
    for (const Optimum& optimum : fit.optima) group["optima"].push_back(optimum_json(optimum));
    for (const LawFit& law : fit.laws.laws) group["laws"].push_back(law_json(law));
    for (const auto& entry : fit.forecasts) {
      FitJson prediction = forecast_json(entry.forecast);
      prediction["rules"] = FitJson::array();
      for (const RuleForecast& rule : entry.rules) prediction["rules"].push_back(rule_json(rule));
      group["predictions"].push_back(std::move(prediction));
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

// The mean loss at every batch size and learning rate; none where a run diverged.
FitJson group_cells_json(const RunGroup& group) {
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
  FitJson result = FitJson::array();
  for (const auto& [place, cell] : cells) {
    result.push_back({{"batch_size", place.first},
                      {"lr", place.second},
                      {"loss", cell.has_diverged ? FitJson() : FitJson(cell.sum / cell.runs)},
                      {"runs", cell.runs}});
  }
  return result;
}

}  // namespace

std::string fit_json(const std::vector<GroupFit>& fits) {
  return FitJson{{"groups", groups_json(fits)}}.dump(2, ' ', false,
                                                     FitJson::error_handler_t::replace);
}

std::string fit_page_json(const std::vector<GroupFit>& fits, const std::vector<RunGroup>& groups,
                          const std::string& source, double level) {
  FitJson result = {{"source", source}, {"level", level}, {"groups", groups_json(fits)}};
  for (std::size_t i = 0; i < fits.size(); ++i) {
    FitJson& group = result["groups"][i];
    group["cells"] = group_cells_json(groups[i]);
    group["band"] = FitJson::array();
    for (const Forecast& forecast : fits[i].band) group["band"].push_back(forecast_json(forecast));
  }
  return result.dump(-1, ' ', false, FitJson::error_handler_t::replace);
}

}  // namespace etalon

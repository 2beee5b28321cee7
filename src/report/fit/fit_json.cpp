#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "report/assets.hpp"
#include "report/fit/fit_output.hpp"
#include "report/forecast_json.hpp"
#include "report/names.hpp"
#include "report/page.hpp"

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
          {"fitted_loss", optimum.fitted_loss},
          {"best_lr", optimum.best_lr},
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
  return {{"law", law.law},
          {"formula", law.formula},
          {"weight", law.weight},
          {"coefficients", coefficients}};
}

FitJson rule_json(const RuleForecast& rule) {
  return {{"rule", rule.rule}, {"lr", rule.lr}, {"expected_regret", rule.expected_regret}};
}

FitJson disagreement_json(const std::optional<Disagreement>& found) {
  if (!found) return nullptr;
  return {{"laws_low", found->laws_low},
          {"laws_high", found->laws_high},
          {"surface_low", found->surface_low},
          {"surface_high", found->surface_high},
          {"text", found->text()}};
}

FitJson text_or_null(const std::optional<std::string>& text) {
  return text ? FitJson(*text) : FitJson();
}

FitJson recommendation_json(const GroupForecast& entry) {
  FitJson json = forecast_json(entry.forecast);
  json["lr_low"] = number_or_null(entry.lr_low());
  json["lr_high"] = number_or_null(entry.lr_high());
  json["expected_loss"] = entry.forecast.expected_loss;
  json["disagreement"] = disagreement_json(entry.forecast.disagreement);
  json["rules"] = FitJson::array();
  for (const RuleForecast& rule : entry.rules) json["rules"].push_back(rule_json(rule));
  return json;
}

FitJson recommendations_json(const std::vector<GroupForecast>& entries) {
  FitJson list = FitJson::array();
  for (const GroupForecast& entry : entries) list.push_back(recommendation_json(entry));
  return list;
}

FitJson group_json(const GroupFit& fit) {
  FitJson group = {{"key", FitJson::object()},
                   {"runs", fit.runs},
                   {"diverged", fit.diverged},
                   {"predictions", recommendations_json(fit.forecasts)},
                   {"at_runs", recommendations_json(fit.at_runs)},
                   {"optima", FitJson::array()},
                   {"laws", FitJson::array()},
                   {"surface_weight", fit.refused ? FitJson() : FitJson(fit.surface_weight)},
                   {"explanation", fit.laws.explanation},
                   {"notes", fit.notes},
                   {"caution", text_or_null(fit.caution)},
                   {"refused", text_or_null(fit.refused)}};
  for (const auto& [column, value] : fit.key) group["key"][column] = value;
  for (const Optimum& optimum : fit.optima) group["optima"].push_back(optimum_json(optimum));
  for (const LawFit& law : fit.laws.laws) group["laws"].push_back(law_json(law));
  return group;
}

// How losses came about: a metric that is maximized is taken from its bound.
FitJson metric_json(const std::optional<Metric>& metric) {
  if (!metric) return nullptr;
  return {{"column", metric->column},
          {"mode", metric->is_maximized() ? "max" : "min"},
          {"loss", metric->loss_text()}};
}

FitJson answer_json(const FitAnswer& answer) {
  FitJson json = {{"metric", metric_json(answer.metric)},
                  {"level", answer.level},
                  {"said", answer.said},
                  {"groups", FitJson::array()}};
  for (const GroupFit& fit : answer.fits) json["groups"].push_back(group_json(fit));
  return json;
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
    cell.sum += run.diverged() ? 0.0 : *run.loss;
    cell.has_diverged = cell.has_diverged || run.diverged();
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

// Of a curve for the eye: so many points, the first and the last among them.
constexpr std::size_t kMostPoints = 200;
// Of a group: more lines than these are a smear.
constexpr std::size_t kMostCurves = 300;

FitJson curve_json(const Observation& run, const std::vector<CoursePoint>& points) {
  FitJson steps = FitJson::array(), values = FitJson::array();
  const std::size_t shown = std::min(points.size(), kMostPoints);
  for (std::size_t i = 0; i < shown; ++i) {
    const std::size_t at = shown < 2 ? 0 : i * (points.size() - 1) / (shown - 1);
    steps.push_back(points[at].step);
    values.push_back(std::isfinite(points[at].value) ? FitJson(points[at].value) : FitJson());
  }
  return {{"batch_size", run.batch_size},
          {"lr", run.lr},
          {"loss", run.diverged() ? FitJson() : FitJson(*run.loss)},
          {"steps", std::move(steps)},
          {"values", std::move(values)}};
}

// Where there are too many, every second one goes, or more.
void add_curves(const FitAnswer& answer, std::size_t index, FitJson& group) {
  group["curves"] = FitJson::array();
  group["curves_left_out"] = 0;
  if (index >= answer.curves.size()) return;
  const auto& curves = answer.curves[index];
  const std::size_t stride = (curves.size() + kMostCurves - 1) / kMostCurves;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    if (curves[i].empty()) continue;
    if (i % stride == 0) {
      group["curves"].push_back(curve_json(answer.groups[index].observations[i], curves[i]));
    } else {
      group["curves_left_out"] = group["curves_left_out"].get<int>() + 1;
    }
  }
}

// What each rule makes of the optimum of the greatest batch size, at the ends of the picture.
FitJson rule_lines_json(const RunGroup& group, const GroupFit& fit) {
  FitJson lines = FitJson::object();
  if (fit.refused || fit.optima.empty()) return lines;
  std::vector<double> sizes;
  for (const Observation& run : group.observations) sizes.push_back(run.batch_size);
  for (const GroupForecast& each : fit.forecasts) sizes.push_back(each.forecast.batch_size);
  const auto [least, most] = std::minmax_element(sizes.begin(), sizes.end());
  for (const double size : {*least, *most}) {
    for (const RuleForecast& rule : rules_from(fit.optima.back(), size)) {
      lines[rule.rule].push_back({{"batch_size", size}, {"lr", rule.lr}});
    }
  }
  return lines;
}

void add_greatest_told(const std::vector<GroupForecast>& entries, FitJson& rows) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    rows[i]["greatest_told"] = entries[i].greatest_told();
  }
}

// What the page draws: the answer, and the runs behind it.
std::string page_json(const FitAnswer& answer) {
  FitJson result = answer_json(answer);
  result["source"] = answer.source;
  for (std::size_t i = 0; i < answer.fits.size(); ++i) {
    FitJson& group = result["groups"][i];
    group["cells"] = group_cells_json(answer.groups[i]);
    add_curves(answer, i, group);
    add_greatest_told(answer.fits[i].forecasts, group["predictions"]);
    add_greatest_told(answer.fits[i].at_runs, group["at_runs"]);
    group["rule_lines"] = rule_lines_json(answer.groups[i], answer.fits[i]);
    group["band"] = FitJson::array();
    for (const Forecast& forecast : answer.fits[i].band) {
      group["band"].push_back(forecast_json(forecast));
    }
  }
  return result.dump(-1, ' ', false, FitJson::error_handler_t::replace);
}

}  // namespace

std::string fit_json(const FitAnswer& answer) {
  return answer_json(answer).dump(2, ' ', false, FitJson::error_handler_t::replace);
}

void write_fit_page(const FitAnswer& answer, std::ostream& out) {
  write_page({.body = assets::fit_html(),
              .style = assets::fit_css(),
              .json = page_json(answer),
              .script = assets::fit_js()},
             out);
}

}  // namespace etalon

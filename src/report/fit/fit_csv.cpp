#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "core/csv.hpp"
#include "report/fit/fit_output.hpp"
#include "report/names.hpp"

namespace etalon {
namespace {

std::string csv_number(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

std::string_view censoring_field(const Optimum& optimum) {
  if (optimum.censored == Censoring::none) return "";
  return name_of(optimum.censored);
}

// The group's key, with which a line starts.
std::string key_fields(const GroupFit& fit) {
  std::string fields;
  for (const auto& [column, value] : fit.key) fields += csv_field(value) + ',';
  return fields;
}

void append_forecast_lines(std::string& text, const std::string& key, const char* kind,
                           const GroupForecast& entry) {
  const Forecast& forecast = entry.forecast;
  fmt::format_to(std::back_inserter(text), "{}{},{},{},{},{},{},,{},{},{},,{}\r\n", key, kind,
                 forecast.batch_size, forecast.lr, csv_number(entry.lr_low()),
                 csv_number(entry.lr_high()), forecast.expected_loss, forecast.expected_regret,
                 forecast.nearest_batch_size, forecast.extrapolation,
                 forecast.disagreement ? csv_field(forecast.disagreement->text()) : "");
  for (const RuleForecast& rule : entry.rules) {
    fmt::format_to(std::back_inserter(text), "{}{} rule,{},{},,,,,{},,,,\r\n", key, rule.rule,
                   forecast.batch_size, rule.lr, rule.expected_regret);
  }
}

void append_group_lines(std::string& text, const GroupFit& fit) {
  const std::string key = key_fields(fit);
  for (const GroupForecast& entry : fit.forecasts) {
    append_forecast_lines(text, key, "prediction", entry);
  }
  for (const GroupForecast& entry : fit.at_runs) append_forecast_lines(text, key, "run", entry);
  for (const Optimum& optimum : fit.optima) {
    fmt::format_to(std::back_inserter(text), "{}optimum,{},{},{},{},{},{},,,,,\r\n", key,
                   optimum.batch_size, optimum.lr, csv_number(optimum.lr_low),
                   csv_number(optimum.lr_high), optimum.loss, censoring_field(optimum));
  }
  if (fit.caution) {
    fmt::format_to(std::back_inserter(text), "{}caution,,,,,,,,,,,{}\r\n", key,
                   csv_field(*fit.caution));
  }
  if (!fit.refused) return;
  fmt::format_to(std::back_inserter(text), "{}refusal,,,,,,,,,,{},\r\n", key,
                 csv_field(*fit.refused));
}

}  // namespace

std::string fit_csv(const FitAnswer& answer) {
  std::string text;
  if (!answer.fits.empty()) {
    for (const auto& [column, value] : answer.fits.front().key) text += csv_field(column) + ',';
  }
  text +=
      "kind,batch_size,lr,lr_low,lr_high,loss,censored,expected_regret,nearest_batch_size,"
      "extrapolation,refused,said\r\n";
  for (const GroupFit& fit : answer.fits) append_group_lines(text, fit);
  return text;
}

}  // namespace etalon

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

// A line starts with the group's key.
std::string line_start(const GroupFit& fit, std::string_view kind, double batch_size) {
  std::string line;
  for (const auto& [column, value] : fit.key) line += csv_field(value) + ',';
  return line + fmt::format("{},{}", kind, batch_size);
}

void append_lines(std::string& text, const GroupFit& fit) {
  auto out = std::back_inserter(text);
  for (const Optimum& optimum : fit.optima) {
    fmt::format_to(out, "{},{},{},{},{},{},,,,\r\n", line_start(fit, "optimum", optimum.batch_size),
                   optimum.lr, csv_number(optimum.lr_low), csv_number(optimum.lr_high),
                   optimum.loss, censoring_field(optimum));
  }
  for (const auto& [forecast, rules] : fit.forecasts) {
    const double size = forecast.batch_size;
    fmt::format_to(out, "{},{},{},{},{},,{},{},{},\r\n", line_start(fit, "prediction", size),
                   forecast.lr, forecast.lr_low, forecast.lr_high, forecast.expected_loss,
                   forecast.expected_regret, forecast.nearest_batch_size, forecast.extrapolation);
    for (const RuleForecast& rule : rules) {
      fmt::format_to(out, "{},{},,,,,{},,,\r\n", line_start(fit, rule.rule + " rule", size),
                     rule.lr, rule.expected_regret);
    }
  }
  if (fit.refused) {
    std::string line;
    for (const auto& [column, value] : fit.key) line += csv_field(value) + ',';
    fmt::format_to(out, "{}refusal,,,,,,,,,,{}\r\n", line, csv_field(*fit.refused));
  }
}

}  // namespace

std::string fit_csv(const std::vector<GroupFit>& fits) {
  std::string text;
  if (!fits.empty()) {
    for (const auto& [column, value] : fits.front().key) text += csv_field(column) + ',';
  }
  text +=
      "kind,batch_size,lr,lr_low,lr_high,loss,censored,expected_regret,nearest_batch_size,"
      "extrapolation,refused\r\n";
  for (const GroupFit& fit : fits) append_lines(text, fit);
  return text;
}

}  // namespace etalon

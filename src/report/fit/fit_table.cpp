#include <fmt/format.h>

#include <iterator>

#include "report/fit/fit_output.hpp"

namespace etalon {
namespace {

std::string bound_text(const std::optional<double>& value) {
  return value ? fmt::format("{:.3g}", *value) : "?";
}

const char* censoring_note(Censoring censored) {
  switch (censored) {
    case Censoring::none:
      return "";
    case Censoring::below:
      return "  at or below";
    case Censoring::above:
      return "  at or above";
    case Censoring::both:
      return "  the only one";
  }
  return "";
}

void append_optima(std::string& text, const GroupFit& fit, double level) {
  auto out = std::back_inserter(text);
  fmt::format_to(out, "  {:>10} {:>10} {:>21} {:>10}\n", "batch size", "best lr",
                 fmt::format("{:g}% interval", 100.0 * level), "loss");
  for (const Optimum& optimum : fit.optima) {
    fmt::format_to(out, "  {:>10g} {:>10.3g} {:>10}{:>11} {:>10.4f}{}\n", optimum.batch_size,
                   optimum.lr, bound_text(optimum.lr_low), bound_text(optimum.lr_high),
                   optimum.loss, censoring_note(optimum.censored));
  }
}

void append_laws(std::string& text, const GroupFit& fit) {
  auto out = std::back_inserter(text);
  fmt::format_to(out, "  {}\n", fit.laws.explanation);
  fmt::format_to(out,
                 "  predictions average over the laws ({:.2f}) and the loss surface ({:.2f})\n",
                 1.0 - fit.surface_weight, fit.surface_weight);
  for (const LawFit& law : fit.laws.laws) {
    fmt::format_to(out, "  {:<14} {:>5.2f} ", law.law, law.weight);
    for (const Coefficient& coefficient : law.coefficients) {
      fmt::format_to(out, " {} = {:.3g} ({:.3g} to {:.3g})", coefficient.name, coefficient.value,
                     coefficient.low, coefficient.high);
    }
    text += '\n';
  }
}

void append_forecasts(std::string& text, const GroupFit& fit) {
  auto out = std::back_inserter(text);
  for (const GroupForecast& entry : fit.forecasts) {
    const Forecast& forecast = entry.forecast;
    fmt::format_to(out,
                   "  at batch size {:g}: lr {:.3g} ({:.3g} to {:.3g}), expected regret {:.2g}; "
                   "{:.3g}x beyond the runs, nearest {:g}\n",
                   forecast.batch_size, forecast.lr, forecast.lr_low, forecast.lr_high,
                   forecast.expected_regret, forecast.extrapolation, forecast.nearest_batch_size);
    for (const RuleForecast& rule : entry.rules) {
      fmt::format_to(out, "    the {} rule: lr {:.3g}, expected regret {:.2g}\n", rule.rule,
                     rule.lr, rule.expected_regret);
    }
  }
}

}  // namespace

std::string fit_table(const std::vector<GroupFit>& fits, double level) {
  std::string text;
  for (const GroupFit& fit : fits) {
    text += fit.key.empty() ? "all runs" : "";
    for (const auto& [column, value] : fit.key) {
      text += fmt::format("{}{}={}", column == fit.key.front().first ? "" : " ", column, value);
    }
    text += '\n';
    append_optima(text, fit, level);
    if (fit.refused) {
      text += fmt::format("  not enough data: {}\n\n", *fit.refused);
      continue;
    }
    append_laws(text, fit);
    append_forecasts(text, fit);
    text += '\n';
  }
  return text;
}

}  // namespace etalon

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/text.hpp"
#include "core/told_number.hpp"
#include "report/fit/fit_output.hpp"

namespace etalon {
namespace {

std::string bound_text(const std::optional<double>& value) {
  return value ? fmt::format("{:.3g}", *value) : "?";
}

std::string counted(std::size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
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
      return "  not known";
  }
  return "";
}

std::string place_note(const GroupForecast& entry) {
  if (entry.was_run) return "";
  const Forecast& forecast = entry.forecast;
  if (forecast.extrapolation <= 1.0) return "  between the runs";
  return fmt::format("  {:.3g}x beyond {:g}", forecast.extrapolation, forecast.nearest_batch_size);
}

// Writes one group after another.
class FitTable {
 public:
  FitTable(const FitAnswer& answer, const TextStyle& style) : answer_(answer), style_(style) {}

  std::string write() {
    if (answer_.fits.size() > 1) append_totals();
    for (const GroupFit& fit : answer_.fits) {
      append_title(fit);
      if (fit.refused) {
        say(fmt::format("not enough data: {}", *fit.refused));
      } else {
        if (fit.caution) say(*fit.caution);
        append_forecasts(fit);
      }
      for (const std::string& note : fit.notes) say(note);
      append_optima(fit);
      append_laws(fit);
    }
    return std::move(text_);
  }

 private:
  void say(const std::string& sentence) { text_ += paragraph(sentence, style_, Tone::plain, 2); }

  void append_totals() {
    std::size_t runs = 0, diverged = 0;
    for (const GroupFit& fit : answer_.fits) {
      runs += fit.runs;
      diverged += fit.diverged;
    }
    text_ += fmt::format("{} in {} groups, {} diverged\n\n", counted(runs, "run", "runs"),
                         answer_.fits.size(), diverged == 0 ? "none" : fmt::format("{}", diverged));
  }

  void append_title(const GroupFit& fit) {
    std::string title;
    for (const auto& [column, value] : fit.key) {
      title += fmt::format("{}{}={}", title.empty() ? "" : " ", shortened(column, 30),
                           shortened(value, 40));
    }
    title += fmt::format("{}{} at {}, {} diverged", title.empty() ? "" : ": ",
                         counted(fit.runs, "run", "runs"),
                         counted(fit.batch_sizes, "batch size", "batch sizes"),
                         fit.diverged == 0 ? "none" : fmt::format("{}", fit.diverged));
    text_ += paragraph(title, style_, Tone::strong, 0, 2);
  }

  void append_forecasts(const GroupFit& fit) {
    fmt::format_to(std::back_inserter(text_), "  {:>10} {:>10} {:>23} {:>8}\n", "batch size",
                   "use lr", fmt::format("{:g}% interval", 100.0 * answer_.level), "regret");
    for (const GroupForecast& entry : fit.forecasts) append_forecast(entry);
    for (const GroupForecast& entry : fit.at_runs) {
      if (!was_asked_for(fit, entry)) append_forecast(entry);
    }
  }

  static bool was_asked_for(const GroupFit& fit, const GroupForecast& entry) {
    return std::any_of(fit.forecasts.begin(), fit.forecasts.end(), [&](const GroupForecast& asked) {
      return asked.forecast.batch_size == entry.forecast.batch_size;
    });
  }

  static std::string regret_text(double regret, const GroupForecast& entry) {
    return told_number(regret, 2, entry.greatest_told());
  }

  void append_forecast(const GroupForecast& entry) {
    const Forecast& forecast = entry.forecast;
    fmt::format_to(std::back_inserter(text_), "  {:>10g} {:>10.3g} {:>23} {:>8}{}\n",
                   forecast.batch_size, forecast.lr,
                   fmt::format("{} to {}", bound_text(entry.lr_low()), bound_text(entry.lr_high())),
                   regret_text(forecast.expected_regret, entry), place_note(entry));
    if (forecast.disagreement) {
      text_ += paragraph(forecast.disagreement->text(), style_, Tone::plain, 13);
    }
    for (const RuleForecast& rule : entry.rules) {
      fmt::format_to(std::back_inserter(text_), "  {:>10} {:>10.3g} {:>23} {:>8}\n", "", rule.lr,
                     fmt::format("by the {} rule", rule.rule),
                     regret_text(rule.expected_regret, entry));
    }
  }

  void append_optima(const GroupFit& fit) {
    if (fit.optima.empty()) {
      text_ += '\n';
      return;
    }
    const bool is_maximized = answer_.metric && answer_.metric->is_maximized();
    fmt::format_to(std::back_inserter(text_), "\n  {:>10} {:>10} {:>23} {:>8}\n", "measured at",
                   "best lr", fmt::format("{:g}% interval", 100.0 * answer_.level),
                   is_maximized ? "metric" : "loss");
    for (const Optimum& optimum : fit.optima) {
      const double value =
          answer_.metric ? answer_.metric->to_value(optimum.fitted_loss) : optimum.fitted_loss;
      fmt::format_to(
          std::back_inserter(text_), "  {:>11g} {:>10.3g} {:>23} {:>8.5g}{}\n", optimum.batch_size,
          optimum.lr,
          fmt::format("{} to {}", bound_text(optimum.lr_low), bound_text(optimum.lr_high)), value,
          censoring_note(optimum.censored));
    }
    text_ += '\n';
  }

  void append_laws(const GroupFit& fit) {
    if (fit.refused) return;
    const std::string rests =
        fit.laws.laws.empty()
            ? "rests on the loss surface alone"
            : fmt::format("averages over the laws ({:.2f}) and the loss surface ({:.2f})",
                          1.0 - fit.surface_weight, fit.surface_weight);
    say(fmt::format("{}; what to use {}", fit.laws.explanation, rests));
    if (!fit.laws.laws.empty()) {
      fmt::format_to(
          std::back_inserter(text_), "  {:>6}  {:<13}  {}\n", "weight", "law",
          fmt::format("formula, and its coefficients with {:g}% intervals", 100.0 * answer_.level));
    }
    for (const LawFit& law : fit.laws.laws) append_law(law);
    text_ += '\n';
  }

  void append_law(const LawFit& law) {
    fmt::format_to(std::back_inserter(text_), "  {:>6.2f}  {:<13}  {}\n", law.weight, law.law,
                   law.formula);
    std::string coefficients;
    for (const Coefficient& coefficient : law.coefficients) {
      coefficients +=
          fmt::format("{}{} = {:.3g} ({:.3g} to {:.3g})", coefficients.empty() ? "" : ", ",
                      coefficient.name, coefficient.value, coefficient.low, coefficient.high);
    }
    text_ += paragraph(coefficients, style_, Tone::quiet, 25);
  }

  const FitAnswer& answer_;
  const TextStyle& style_;
  std::string text_;
};

}  // namespace

std::string fit_table(const FitAnswer& answer, const TextStyle& style) {
  return FitTable(answer, style).write();
}

}  // namespace etalon

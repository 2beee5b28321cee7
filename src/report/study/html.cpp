#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "etalon/report.hpp"
#include "law/exponent_line.hpp"
#include "report/assets.hpp"
#include "report/page.hpp"
#include "report/study/summary_json.hpp"
#include "study/generalization.hpp"
#include "study/told_regret.hpp"

namespace etalon {
namespace {

using Json = nlohmann::ordered_json;

// Curves are for the eye: six digits halve the page's data.
Json six_digits(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  if (*value == 0.0) return 0.0;
  const double scale = std::pow(10.0, 5.0 - std::floor(std::log10(std::abs(*value))));
  const double rounded = std::round(*value * scale) / scale;
  return std::isfinite(rounded) ? Json(rounded) : Json(*value);
}

Json optional_json(const auto& value) { return value ? Json(*value) : Json(nullptr); }

// Columns rather than points: the names are then written once per trial.
Json curve_json(const std::vector<CurvePoint>& curve) {
  Json step = Json::array(), epoch = Json::array();
  Json train = Json::array(), validation = Json::array();
  for (const CurvePoint& point : curve) {
    step.push_back(point.step);
    epoch.push_back(six_digits(point.epoch));
    train.push_back(six_digits(point.train_loss));
    validation.push_back(six_digits(point.validation_loss));
  }
  return {{"step", std::move(step)},
          {"epoch", std::move(epoch)},
          {"train_loss", std::move(train)},
          {"validation_loss", std::move(validation)}};
}

Json trial_json(const TrialRecord& trial) {
  return {{"id", trial.id},
          {"round", trial.round},
          {"stage", std::string(to_string(trial.stage))},
          {"batch_size", trial.spec.batch_size},
          {"lr", trial.spec.lr},
          {"seed", trial.spec.seed},
          {"moved", moved_json(trial.spec.moved)},
          {"state", std::string(to_string(trial.result.state))},
          {"objective", optional_json(trial.result.objective)},
          {"validation_accuracy", optional_json(trial.result.validation_accuracy)},
          {"train_loss", optional_json(trial.result.train_loss)},
          {"diverged_step", optional_json(trial.result.diverged_step)},
          {"message", trial.result.message},
          {"steps", trial.result.steps},
          {"wall_seconds", trial.result.wall_seconds},
          {"curve", curve_json(trial.result.curve)}};
}

// Beyond which a rule's regret is said to be large alone; see core/told_number.hpp.
double greatest_told_of(const StudyResult& result) {
  double greatest = greatest_told(0.0);
  for (const RuleOutcome& rule : result.rules) {
    greatest = std::max(greatest, greatest_told(rule.regret));
  }
  return greatest;
}

// Those that the exponent was fitted to: where nothing was learned, nothing is recommended.
std::vector<Optimum> recommended_optima(const StudyResult& result) {
  std::vector<Optimum> optima;
  for (const Optimum& optimum : result.optima) {
    const bool is_among = std::any_of(
        result.recommendations.begin(), result.recommendations.end(), [&](const auto& each) {
          return static_cast<double>(each.batch_size) == optimum.batch_size;
        });
    if (is_among) optima.push_back(optimum);
  }
  return optima;
}

// What is drawn of fitted lines, from end to end: [batch size, value] each.
Json lines_of(const StudyResult& result) {
  Json lines = {{"exponent", nullptr}, {"gap", nullptr}};
  const auto line = result.exponent
                        ? exponent_line(recommended_optima(result), result.exponent->level)
                        : std::nullopt;
  if (line) {
    lines["exponent"] = {{line->batch_size_low, line->lr_low},
                         {line->batch_size_high, line->lr_high}};
  }
  const auto& found = result.generalization;
  if (const auto gaps = found ? gap_line(*found) : std::nullopt) {
    lines["gap"] = {{found->gaps.front().batch_size, gaps->first},
                    {found->gaps.back().batch_size, gaps->second}};
  }
  return lines;
}

std::string page_data(const StudyResult& result, const Provenance& provenance) {
  Json trials = Json::array();
  for (const TrialRecord& trial : result.trials) trials.push_back(trial_json(trial));
  const Json data = {{"summary", summary_document(result, provenance)},
                     {"greatest_told", greatest_told_of(result)},
                     {"lines", lines_of(result)},
                     {"trials", std::move(trials)}};
  return json_text(data, -1);
}

}  // namespace

void HtmlReporter::report(const StudyResult& result, const Provenance& provenance,
                          std::ostream& out) const {
  const std::string data = page_data(result, provenance);
  write_page({.body = assets::report_html(),
              .style = assets::report_css(),
              .json = data,
              .script = assets::report_js()},
             out);
}

}  // namespace etalon

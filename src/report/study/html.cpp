#include <cmath>
#include <nlohmann/json.hpp>

#include "etalon/report.hpp"
#include "report/assets.hpp"
#include "report/page.hpp"
#include "report/study/summary_json.hpp"

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

std::string page_data(const StudyResult& result, const Provenance& provenance) {
  Json trials = Json::array();
  for (const TrialRecord& trial : result.trials) trials.push_back(trial_json(trial));
  const Json data = {{"summary", summary_document(result, provenance)},
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

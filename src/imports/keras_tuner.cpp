#include "imports/keras_tuner.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "etalon/error.hpp"
#include "imports/json_member.hpp"
#include "imports/log_text.hpp"

namespace etalon {
namespace {

double mean_of_executions(const nlohmann::json& values) {
  if (!values.is_array()) return number_of(values);
  double sum = 0.0;
  for (const nlohmann::json& value : values) sum += number_of(value);
  return values.empty() ? NAN : sum / static_cast<double>(values.size());
}

void add_keras_metric(const std::string& name, const nlohmann::json& metric, LoggedRun& run) {
  const nlohmann::json& direction = json_member(metric, "direction");
  if (direction == "min" || direction == "max") run.directions[name] = text_of(direction);
  const nlohmann::json& observations = json_member(metric, "observations");
  if (!observations.is_array()) return;
  for (const nlohmann::json& each : observations) {
    const nlohmann::json& step = json_member(each, "step");
    if (is_number(step)) {
      run.log(name, number_of(step), mean_of_executions(json_member(each, "value")));
    }
  }
}

}  // namespace

bool is_keras_trial(const std::filesystem::path& file) {
  return file.filename() == "trial.json" &&
         file.parent_path().filename().string().starts_with("trial_");
}

void read_keras_trial(const std::filesystem::path& file, const HearRun& hear) {
  const nlohmann::json trial = read_json(file);
  const nlohmann::json& hyperparameters = json_member(trial, "hyperparameters");
  if (!hyperparameters.is_object()) {
    throw InputError("the file has no hyperparameters", file.string(), "leave it out");
  }
  LoggedRun run;
  run.directory = file.parent_path();
  if (json_member(trial, "status").is_string()) run.state = text_of(json_member(trial, "status"));
  add_settings(json_member(hyperparameters, "values"), run);
  const nlohmann::json& metrics = json_member(json_member(trial, "metrics"), "metrics");
  for (const auto& [name, metric] : metrics.items()) add_keras_metric(name, metric, run);
  hear(std::move(run));
}

}  // namespace etalon

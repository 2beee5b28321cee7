#include "report/study/summary_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "report/names.hpp"
#include "report/study/exact_optima.hpp"
#include "report/study/limits_json.hpp"
#include "report/study/target_text.hpp"
#include "study/outcome.hpp"

namespace etalon {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json study_json(const StudyResult& result) {
  Json settings = Json::object();
  for (const auto& [name, value] : result.workload.settings) settings[name] = value;
  const StudyOptions& options = result.options;
  return {{"name", result.workload.name},
          {"objective", result.workload.objective_name},
          {"direction", result.workload.maximizes ? "maximize" : "minimize"},
          {"examples_per_epoch", result.workload.examples_per_epoch},
          {"budget_examples", result.workload.budget_examples},
          {"budget_steps", result.workload.budget_steps},
          {"settings", std::move(settings)},
          {"batch_sizes", options.batch_sizes},
          {"base_batch_size", options.base_batch_size},
          {"base_lr", result.base_lr},
          {"lr_center", options.first_lr()},
          {"seeds", options.seeds},
          {"noise_scale", or_null(options.noise_scale)},
          {"tolerance", options.tolerance},
          {"level", options.level},
          {"interrupted", result.interrupted}};
}

Json censored_json(Censoring censored) {
  if (censored == Censoring::none) return nullptr;
  return std::string(name_of(censored));
}

// Losses of what is maximized are its negative; beside them stands what was said.
void add_metric(Json& json, const WorkloadInfo& workload, const char* name, const char* of) {
  if (!workload.maximizes) return;
  json[name] = json[of].is_null() ? Json(nullptr) : Json(-json[of].get<double>());
}

Json optimum_json(const StudyResult& result, const Optimum& optimum) {
  Json json = {{"batch_size", static_cast<std::int64_t>(optimum.batch_size)},
               {"lr", optimum.lr},
               {"lr_low", or_null(optimum.lr_low)},
               {"lr_high", or_null(optimum.lr_high)},
               {"fitted_loss", optimum.fitted_loss},
               {"loss", optimum.loss},
               {"best_lr", optimum.best_lr},
               {"censored", censored_json(optimum.censored)},
               {"curvature", or_null(optimum.curvature)},
               {"observations", optimum.observations},
               {"explanation", optimum.explanation}};
  add_metric(json, result.workload, "fitted_metric", "fitted_loss");
  add_metric(json, result.workload, "metric", "loss");
  return json;
}

Json exact_json(const StudyResult& result) {
  Json all = Json::array();
  for (const auto& [batch_size, lr, loss] : exact_optima(result)) {
    all.push_back({{"batch_size", batch_size}, {"lr", lr}, {"loss", loss}});
  }
  return all;
}

Json holds_json(Verdict verdict) {
  if (verdict == Verdict::cannot_tell) return nullptr;
  return verdict == Verdict::holds;
}

Json rule_json(const StudyResult& result, const RuleOutcome& outcome) {
  const Regret& regret = outcome.regret;
  Json json = {{"rule", outcome.rule},
               {"power", or_null(outcome.power)},
               {"batch_size", outcome.batch_size},
               {"lr", regret.lr},
               {"moved", moved_json(outcome.moved)},
               {"loss", or_null(regret.loss)},
               {"regret", or_null(regret.regret)},
               {"regret_low", or_null(regret.regret_low)},
               {"regret_high", or_null(regret.regret_high)},
               {"holds", holds_json(regret.verdict)},
               {"verdict", std::string(name_of(regret.verdict))},
               {"pairs", regret.pairs},
               {"explanation", regret.explanation},
               {"stand_ins", outcome.stand_ins},
               {"warnings", outcome.warnings}};
  add_metric(json, result.workload, "metric", "loss");
  return json;
}

Json exponent_json(const std::optional<Exponent>& exponent) {
  if (!exponent) return nullptr;
  return {{"exponent", exponent->exponent},
          {"low", or_null(exponent->low)},
          {"high", or_null(exponent->high)},
          {"level", exponent->level},
          {"interior", exponent->interior},
          {"censored", exponent->censored},
          {"batch_size_low", exponent->batch_size_low},
          {"batch_size_high", exponent->batch_size_high},
          {"explanation", exponent->explanation}};
}

Json gap_json(const GeneralizationGap& at) {
  return {{"batch_size", at.batch_size},
          {"lr", at.lr},
          {"trials", at.trials},
          {"train_loss", at.train_loss},
          {"validation_loss", at.validation_loss},
          {"gap", at.gap},
          {"low", or_null(at.low)},
          {"high", or_null(at.high)}};
}

Json generalization_json(const std::optional<Generalization>& found) {
  if (!found) return nullptr;
  Json gaps = Json::array();
  for (const GeneralizationGap& at : found->gaps) gaps.push_back(gap_json(at));
  return {{"gaps", std::move(gaps)},
          {"slope", or_null(found->slope)},
          {"slope_low", or_null(found->slope_low)},
          {"slope_high", or_null(found->slope_high)},
          {"trend", std::string(to_string(found->trend))},
          {"level", found->level},
          {"explanation", found->explanation}};
}

Json recommendation_json(const Recommendation& recommendation) {
  return {{"batch_size", recommendation.batch_size},
          {"lr", recommendation.lr},
          {"lr_low", or_null(recommendation.lr_low)},
          {"lr_high", or_null(recommendation.lr_high)},
          {"rule", recommendation.rule.empty() ? Json(nullptr) : Json(recommendation.rule)},
          {"moved", moved_json(recommendation.moved)},
          {"reason", recommendation.reason}};
}

Json provenance_json(const Provenance& provenance) {
  const Machine& machine = provenance.machine;
  return {{"command_line", provenance.command_line},
          {"reproduce_command", provenance.reproduce_command},
          {"etalon_version", provenance.etalon_version},
          {"compiler", provenance.compiler},
          {"onednn_version", provenance.onednn_version},
          {"started_utc", provenance.started_utc},
          {"seeds", provenance.seeds},
          {"jobs", provenance.jobs},
          {"machine",
           {{"cpu_model", machine.cpu_model},
            {"processors", machine.processors},
            {"memory_bytes", machine.memory_bytes},
            {"operating_system", machine.operating_system}}}};
}

std::int64_t count(const StudyResult& result, TrialState state) {
  return std::count_if(result.trials.begin(), result.trials.end(),
                       [&](const TrialRecord& trial) { return trial.result.state == state; });
}

double trial_seconds(const StudyResult& result) {
  double seconds = 0.0;
  for (const TrialRecord& trial : result.trials) seconds += trial.result.wall_seconds;
  return seconds;
}

}  // namespace

Json moved_json(const MovedSettings& moved) {
  Json fields = Json::object();
  for (const auto& [name, value] : kMovableSettings) {
    if (moved.*value) fields[std::string(name)] = *(moved.*value);
  }
  return fields;
}

Json summary_document(const StudyResult& result, const Provenance& provenance) {
  Json document = {{"format", "etalon-study-summary"}, {"format_version", 1}};
  document["conclusion"] = result.conclusion;
  document["study"] = study_json(result);
  document["optima"] = Json::array();
  for (const Optimum& optimum : result.optima)
    document["optima"].push_back(optimum_json(result, optimum));
  document["exact_optima"] = exact_json(result);
  document["target"] = target_json(result);
  document["rules"] = Json::array();
  for (const RuleOutcome& outcome : result.rules) {
    document["rules"].push_back(rule_json(result, outcome));
  }
  document["exponent"] = exponent_json(result.exponent);
  document["recommendations"] = Json::array();
  for (const Recommendation& each : result.recommendations) {
    document["recommendations"].push_back(recommendation_json(each));
  }
  document["generalization"] = generalization_json(result.generalization);
  document["limits"] = limits_json(result);
  document["trials"] = result.trials.size();
  document["trials_diverged"] = count(result, TrialState::diverged);
  document["trials_failed"] = count(result, TrialState::failed);
  document["trials_pruned"] = count(result, TrialState::pruned);
  document["grid_trials"] = grid_trials(result);
  document["trial_seconds"] = trial_seconds(result);
  document["wall_seconds"] = result.wall_seconds;
  document["provenance"] = provenance_json(provenance);
  return document;
}

std::string json_text(const Json& document, int indent) {
  return document.dump(indent, ' ', false, Json::error_handler_t::replace);
}

void SummaryJsonReporter::report(const StudyResult& result, const Provenance& provenance,
                                 std::ostream& out) const {
  out << json_text(summary_document(result, provenance), 2) << '\n';
}

}  // namespace etalon

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>

#include "campaign/campaign_outcome.hpp"
#include "etalon/bounds.hpp"
#include "etalon/campaign.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"

namespace etalon {
namespace {

constexpr std::string_view kOfCampaign = "campaign.";
constexpr std::string_view kArgument = "program.argument.";

// Asked trials as trials of a campaign, numbered after those.
std::vector<TrialRecord> all_trials(const StudyFile& study) {
  std::vector<TrialRecord> all;
  for (const TrialRecord& trial : study.trials) {
    if (trial.result.state != TrialState::pending) all.push_back(trial);
  }
  const std::int64_t first = all.empty() ? 0 : all.back().id;
  for (const AskedTrial& asked : study.asked) {
    if (asked.state == TrialState::pending) continue;
    TrialRecord trial;
    trial.id = first + asked.id;
    trial.round = trial.id;
    trial.stage = Stage::tuned;
    trial.spec = asked.spec;
    trial.result.state = asked.state;
    trial.result.objective = asked.loss;
    trial.attempts = asked.attempts;
    all.push_back(std::move(trial));
  }
  return all;
}

std::int64_t pending_in(const StudyFile& study) {
  const auto count = [](const auto& trials, const auto& state_of) {
    return std::count_if(trials.begin(), trials.end(),
                         [&](const auto& trial) { return state_of(trial) == TrialState::pending; });
  };
  return count(study.trials, [](const TrialRecord& trial) { return trial.result.state; }) +
         count(study.asked, [](const AskedTrial& trial) { return trial.state; });
}

// Those that were asked for, else all that were run or are to be.
std::vector<std::int64_t> batch_sizes_of(const StudyFile& study) {
  std::set<std::int64_t> all;
  const std::string asked = setting_of(study.fingerprint, "campaign.batch_sizes").value_or("");
  for (const char* at = asked.data(); at < asked.data() + asked.size(); ++at) {
    std::int64_t batch_size = 0;
    at = std::from_chars(at, asked.data() + asked.size(), batch_size).ptr;
    if (is_valid_batch_size(static_cast<double>(batch_size))) all.insert(batch_size);
  }
  if (all.empty()) {
    for (const TrialRecord& trial : study.trials) all.insert(trial.spec.batch_size);
    for (const AskedTrial& trial : study.asked) all.insert(trial.spec.batch_size);
  }
  return {all.begin(), all.end()};
}

UpdateKind update_of(const StudyFile& study) {
  const std::string name = optimizer_of(study).value_or("adamw");
  if (const OptimizerInfo* optimizer = find_optimizer(name)) return optimizer->update;
  return name == "sgd" ? UpdateKind::sgd : UpdateKind::adaptive;
}

// 0 where the program was not told of one.
std::int64_t budget_of(const StudyFile& study, const char* setting) {
  const std::string text = setting_of(study.fingerprint, setting).value_or("");
  std::int64_t budget = 0;
  std::from_chars(text.data(), text.data() + text.size(), budget);
  return budget;
}

WorkloadInfo workload_of(const StudyFile& study, const std::string& name) {
  WorkloadInfo workload;
  for (const auto& [key, value] : study.fingerprint) {
    if (key.starts_with(kOfCampaign) && key != kUpdateSetting) continue;
    workload.settings.emplace_back(key, value);
    if (key.starts_with(kArgument)) workload.name += (workload.name.empty() ? "" : " ") + value;
  }
  if (workload.name.empty()) workload.name = name;
  const auto other = setting_of(study.fingerprint, kObjectiveSetting);
  const auto metric = setting_of(study.fingerprint, "program.metric");
  workload.objective_name = other ? *other : metric.value_or("loss");
  workload.budget_steps = budget_of(study, "program.steps");
  workload.budget_examples = budget_of(study, "program.examples");
  workload.maximizes = !other && setting_of(study.fingerprint, "program.mode") == "max";
  return workload;
}

// The rule and its base are among the settings; what it came to is told by the trials.
MovingSettings moving_of(const StudyFile& study, const std::vector<TrialRecord>& trials) {
  MovingSettings moving;
  moving.rule = setting_of(study.fingerprint, "campaign.rule").value_or("");
  if (moving.rule.empty()) return moving;
  const std::string base = setting_of(study.fingerprint, "campaign.base_batch_size").value_or("");
  std::from_chars(base.data(), base.data() + base.size(), moving.base_batch_size);
  for (const TrialRecord& trial : trials) {
    if (trial.spec.moved.any()) moving.at[trial.spec.batch_size] = trial.spec.moved;
  }
  return moving;
}

std::optional<double> number_in(const std::optional<std::string>& text) {
  double value = 0.0;
  if (!text) return std::nullopt;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  return read.ec == std::errc{} ? std::optional(value) : std::nullopt;
}

double seconds_of(const StudyFile& study) {
  const auto found = study.meta.find("wall_seconds");
  return found == study.meta.end() ? 0.0 : number_in(found->second).value_or(0.0);
}

template <typename Whole>
std::optional<Whole> whole_of(const StudyFile& study, std::string_view key) {
  const std::string text = setting_of(study.fingerprint, key).value_or("");
  Whole value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && read.ec == std::errc{} ? std::optional(value) : std::nullopt;
}

// Of all trials, whatever became of them, and those that are yet to be run.
std::set<std::uint64_t> seeds_in(const StudyFile& study) {
  std::set<std::uint64_t> seeds;
  for (const TrialRecord& trial : study.trials) seeds.insert(trial.spec.seed);
  for (const AskedTrial& trial : study.asked) seeds.insert(trial.spec.seed);
  return seeds;
}

// Those that were asked for, else those that were used.
void name_seeds(const StudyFile& study, StudyOptions& options) {
  const std::set<std::uint64_t> used = seeds_in(study);
  options.seeds = whole_of<std::int64_t>(study, "campaign.seeds").value_or(std::ssize(used));
  options.first_seed = whole_of<std::uint64_t>(study, "campaign.first_seed")
                           .value_or(used.empty() ? 1 : *used.begin());
}

std::optional<double> first_lr_of(const StudyFile& study) {
  const auto lr = number_in(setting_of(study.fingerprint, "campaign.first_lr"));
  return lr && is_valid_lr(*lr) ? lr : std::nullopt;
}

}  // namespace

StudyResult stored_campaign(const StudyFile& study, const std::string& name, double tolerance,
                            bool tolerance_is_relative) {
  StudyResult result;
  result.trials = all_trials(study);
  const std::int64_t waiting = pending_in(study);
  if (result.trials.empty() && waiting == 0) {
    throw InputError("the study has no trials", name, "run some");
  }
  CampaignOptions options;
  options.ask.batch_sizes = batch_sizes_of(study);
  options.ask.update = update_of(study);
  options.tolerance = tolerance;
  options.tolerance_is_relative = tolerance_is_relative;
  options.moving = moving_of(study, result.trials);
  result.workload = workload_of(study, name);
  result.options.batch_sizes = options.ask.batch_sizes;
  result.options.base_batch_size = default_base_batch_size(options.ask.batch_sizes);
  name_seeds(study, result.options);
  result.options.tolerance = tolerance;
  result.options.level = kCampaignLevel;
  result.options.lr_center = first_lr_of(study);
  result.options.rules = {};
  result.wall_seconds = seconds_of(study);
  evaluate_campaign(result, options, {});
  if (waiting > 0) {
    result.conclusion +=
        fmt::format(" {} trial{} under way or to be run.", waiting, waiting == 1 ? " is" : "s are");
  }
  return result;
}

}  // namespace etalon

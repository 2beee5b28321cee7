#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/scale/plain_number.hpp"
#include "report/scale/scale_answer.hpp"

namespace etalon {
namespace {

using Json = nlohmann::ordered_json;

Json scaled_number(const std::string& field, double value) {
  if (field.ends_with("steps")) return whole_steps(value);
  return to_plain(value);
}

void add_duration(Json& json, const std::string& prefix, const std::optional<Duration>& duration) {
  if (!duration) return;
  const std::string field = fmt::format("{}{}", prefix, to_string(duration->unit));
  json[field] = scaled_number(field, duration->amount);
}

void add_choices(Json& json, const Recipe& recipe) {
  for (const ScheduleChoice& choice : schedule_choice_list()) {
    const std::string& value = recipe.schedule_settings.*choice.value;
    if (!value.empty()) json[std::string(choice.name)] = value;
  }
}

Json batch_json(const BatchShape& batch) {
  return {{"micro_batch", batch.micro_batch},
          {"accumulation", batch.accumulation},
          {"replicas", batch.replicas}};
}

Json base_json(const ScaleAnswer& answer) {
  const Recipe& base = answer.base;
  Json json = {{"batch_size", base.batch.global()},
               {"batch", batch_json(base.batch)},
               {"optimizer", to_string(base.optimizer)},
               {"lr", to_plain(base.lr)}};
  const auto add = [&json](std::string_view name, const std::optional<double>& value) {
    if (value) json[std::string(name)] = to_plain(*value);
  };
  add("momentum", base.momentum);
  add("beta1", base.beta1);
  add("beta2", base.beta2);
  add("eps", base.eps);
  add("weight_decay", base.weight_decay);
  add("ema", base.ema);
  add_duration(json, "warmup_", base.warmup);
  add("warmup_start", base.warmup_start);
  add_duration(json, "", base.budget);
  for (const Duration& milestone : base.milestones) {
    const std::string field = fmt::format("milestone_{}", to_string(milestone.unit));
    json[field].push_back(scaled_number(field, milestone.amount));
  }
  if (!base.schedule.empty()) json["schedule"] = base.schedule;
  add_duration(json, "step_every_", base.step_every);
  add_duration(json, "decay_end_", base.decay_end);
  for (const ScheduleSetting& setting : schedule_setting_list()) {
    add(setting.name, base.schedule_settings.*setting.value);
  }
  add_choices(json, base);
  json["assumed"] = answer.assumed;
  return json;
}

Json rule_json(const ScaledRecipe& scaled, const Advice& advice) {
  Json json = {{"rule", scaled.rule.name}, {"recommended", scaled.rule.name == advice.recommended}};
  Json fields = Json::array();
  for (const FieldChange& change : scaled.fields) {
    const Json value = scaled_number(change.field, change.new_value);
    if (change.field.starts_with("milestone_")) {
      json[change.field].push_back(value);
    } else {
      json[change.field] = value;
    }
    fields.push_back({{"field", change.field},
                      {"old", scaled_number(change.field, change.old_value)},
                      {"new", value},
                      {"moved", change.moved},
                      {"why", change.why}});
  }
  if (!scaled.recipe.schedule.empty()) json["schedule"] = scaled.recipe.schedule;
  add_choices(json, scaled.recipe);
  json["fields"] = std::move(fields);
  json["formula"] = scaled.rule.formula;
  json["source"] = scaled.rule.source;
  json["validity"] = scaled.rule.validity;
  json["composes"] = scaled.rule.composes;
  json["composition"] = scaled.rule.composition;
  json["warnings"] = scaled.warnings;
  return json;
}

Json target_json(const Advice& advice) {
  Json json = {{"batch_size", advice.target.global()},
               {"batch", batch_json(advice.target)},
               {"kappa", to_plain(advice.kappa)},
               {"recommended", advice.recommended},
               {"reason", advice.reason},
               {"rules", Json::array()},
               {"omitted", Json::array()}};
  for (const ScaledRecipe& scaled : advice.rules) {
    json["rules"].push_back(rule_json(scaled, advice));
  }
  for (const OmittedRule& omitted : advice.omitted) {
    json["omitted"].push_back({{"rule", omitted.rule}, {"why", omitted.why}});
  }
  return json;
}

}  // namespace

std::int64_t whole_steps(double steps) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::llround(std::min(steps, 9e15))));
}

std::string scale_json(const ScaleAnswer& answer) {
  Json json = {{"base", base_json(answer)}, {"targets", Json::array()}};
  for (const Advice& advice : answer.targets) json["targets"].push_back(target_json(advice));
  return json.dump(2) + "\n";
}

}  // namespace etalon

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/plain_number.hpp"
#include "report/scale/evidence_json.hpp"
#include "report/scale/scale_answer.hpp"
#include "schedule/schedule_table.hpp"

namespace etalon {
namespace {

using ScaleJson = nlohmann::ordered_json;

// Whole numbers of steps are written as such.
ScaleJson shown_json(const FieldChange& change, double value) {
  const double shown = shown_value(change, value);
  if (change.field.ends_with("steps")) return static_cast<std::int64_t>(shown);
  return shown;
}

ScaleJson amount_json(const Duration& duration) {
  FieldChange amount;
  amount.field = to_string(duration.unit);
  return shown_json(amount, duration.amount);
}

// A setting of the schedule under its name.
struct SettingJson {
  ScaleJson& json;
  const ScheduleOptions& options;
  std::string name;

  void operator()(const NumberSetting& number) const {
    json[name] = to_plain(*(options.*number.value));
  }
  void operator()(const CountSetting& count) const { json[name] = *(options.*count.value); }
  void operator()(const WordSetting& word) const { json[name] = options.*word.value; }
  void operator()(const LengthSetting& length) const { add(*(options.*length.value), false); }
  void operator()(const LengthsSetting& lengths) const {
    for (const Duration& each : options.*lengths.value) add(each, true);
  }

 private:
  void add(const Duration& duration, bool many) const {
    ScaleJson& place = json[fmt::format("{}_{}", name, to_string(duration.unit))];
    const ScaleJson amount = amount_json(duration);
    many ? place.push_back(amount) : void(place = amount);
  }
};

void add_schedule(ScaleJson& json, const ScheduleOptions& options, bool lengths) {
  if (!options.name.empty()) json["schedule"] = options.name;
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    if (!setting.is_given(options) || (setting.is_length() && !lengths)) continue;
    std::visit(SettingJson{json, options, std::string(setting.name)}, setting.kind);
  }
}

ScaleJson batch_json(const BatchShape& batch) {
  return {{"micro_batch", batch.micro_batch},
          {"accumulation", batch.accumulation},
          {"replicas", batch.replicas}};
}

ScaleJson base_json(const ScaleAnswer& answer) {
  const Recipe& base = answer.base;
  ScaleJson json = {{"batch_size", base.batch.global()},
                    {"batch", batch_json(base.batch)},
                    {"optimizer", to_string(base.optimizer)},
                    {"lr", to_plain(base.lr)}};
  for (std::size_t i = 0; i < base.group_lrs.size(); ++i) {
    json[fmt::format("lr_{}", i + 2)] = to_plain(base.group_lrs[i]);
  }
  const auto add = [&json](const char* name, const std::optional<double>& value) {
    if (value) json[name] = to_plain(*value);
  };
  add("momentum", base.momentum);
  add("beta1", base.beta1);
  add("beta2", base.beta2);
  add("eps", base.eps);
  add("weight_decay", base.weight_decay);
  add("ema", base.ema);
  if (base.budget) json[std::string(to_string(base.budget->unit))] = amount_json(*base.budget);
  add_schedule(json, base.schedule, true);
  json["assumed"] = answer.assumed;
  json["notes"] = answer.notes;
  return json;
}

ScaleJson rule_json(const ScaledRecipe& scaled, const RuleComparison& comparison) {
  ScaleJson json = {{"rule", scaled.rule.name},
                    {"recommended", scaled.rule.name == comparison.recommended}};
  ScaleJson fields = ScaleJson::array();
  add_schedule(json, scaled.recipe.schedule, false);  // `fields` has its lengths
  for (const FieldChange& change : scaled.fields) {
    const ScaleJson value = shown_json(change, change.new_value);
    if (change.field.starts_with("milestone_")) {
      json[change.field].push_back(value);
    } else {
      json[change.field] = value;
    }
    fields.push_back({{"field", change.field},
                      {"old", shown_json(change, change.old_value)},
                      {"new", value},
                      {"moved", change.moved},
                      {"why", change.why}});
  }
  json["fields"] = std::move(fields);
  json["formula"] = scaled.rule.formula;
  json["source"] = scaled.rule.source;
  json["validity"] = scaled.rule.validity;
  json["composes"] = scaled.rule.composes;
  json["composition"] = scaled.rule.composition;
  json["warnings"] = scaled.warnings;
  return json;
}

ScaleJson target_json(const RuleComparison& comparison) {
  ScaleJson json = {{"batch_size", comparison.target.global()},
                    {"batch", batch_json(comparison.target)},
                    {"kappa", to_plain(comparison.kappa)},
                    {"recommended", comparison.recommended},
                    {"reason", comparison.reason},
                    {"rules", ScaleJson::array()},
                    {"omitted", ScaleJson::array()}};
  for (const ScaledRecipe& scaled : comparison.rules) {
    json["rules"].push_back(rule_json(scaled, comparison));
  }
  for (const OmittedRule& omitted : comparison.omitted) {
    ScaleJson entry = {{"rule", omitted.rule}, {"why", omitted.why}};
    if (!omitted.field.empty()) entry["needs"] = omitted.field;
    json["omitted"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace

std::string scale_json(const ScaleAnswer& answer) {
  ScaleJson json = {{"base", base_json(answer)}, {"targets", ScaleJson::array()}};
  for (std::size_t i = 0; i < answer.targets.size(); ++i) {
    ScaleJson target = target_json(answer.targets[i]);
    if (i < answer.evidence.size()) target["elsewhere"] = evidence_json(answer.evidence[i]);
    json["targets"].push_back(std::move(target));
  }
  return json.dump(2) + "\n";
}

}  // namespace etalon

#include <nlohmann/json.hpp>

#include "report/range/range_answer.hpp"

namespace etalon {
namespace {

using RangeJson = nlohmann::ordered_json;

RangeJson end_json(const std::optional<double>& end) { return end ? RangeJson(*end) : RangeJson(); }

void add_ranged(RangeJson& json, const std::string& name, const std::optional<RangedLr>& lr) {
  json[name] = lr ? RangeJson(lr->lr) : RangeJson();
  json[name + "_low"] = lr ? end_json(lr->low) : RangeJson();
  json[name + "_high"] = lr ? end_json(lr->high) : RangeJson();
}

RangeJson suggestions_json(const RangeAnswer& answer) {
  RangeJson list = RangeJson::array();
  if (!answer.summary) return list;
  for (const NamedLr& each : answer.summary->suggestions) {
    RangeJson json = {{"name", each.name}};
    add_ranged(json, "lr", each.lr);
    list.push_back(std::move(json));
  }
  return list;
}

RangeJson curves_json(const RangeAnswer& answer) {
  RangeJson list = RangeJson::array();
  for (std::size_t i = 0; i < answer.curves.size(); ++i) {
    list.push_back({{"seed", answer.seeds[i]},
                    {"lrs", answer.curves[i].lrs},
                    {"losses", answer.curves[i].losses},
                    {"blew_up", answer.curves[i].blew_up}});
  }
  return list;
}

}  // namespace

std::string range_json(const RangeAnswer& answer) {
  RangeJson json = {
      {"source", answer.source},
      {"batch_size", answer.batch_size > 0 ? RangeJson(answer.batch_size) : RangeJson()},
      {"level", answer.level},
      {"from", answer.ramp.lowest},
      {"to", answer.ramp.highest},
      {"one_run_each", answer.one_run_each}};
  const auto& summary = answer.summary;
  const auto landmark = [&](const char* name, RangedLr RangeSummary::*member) {
    add_ranged(json, name, summary ? std::optional((*summary).*member) : std::nullopt);
  };
  json["restarts"] = summary ? summary->restarts : 0;
  landmark("falls_from", &RangeSummary::falls_from);
  landmark("falls_fastest", &RangeSummary::falls_fastest);
  landmark("least", &RangeSummary::least);
  landmark("stable_to", &RangeSummary::stable_to);
  json["stay_stable"] = summary ? summary->stay_stable : 0;
  const auto& sharpness = answer.sharpness;
  add_ranged(json, "stable_lr_at_start",
             sharpness ? std::optional(sharpness->stable_at_start) : std::nullopt);
  add_ranged(json, "stable_lr_at_least",
             sharpness ? std::optional(sharpness->stable_at_least) : std::nullopt);
  json["suggestions"] = suggestions_json(answer);
  json["curves"] = curves_json(answer);
  return json.dump(2, ' ', false, RangeJson::error_handler_t::replace);
}

}  // namespace etalon

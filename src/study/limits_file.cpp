// Measured limits as a study's file keeps them: JSON, whose keys are those of the structs.
#include <nlohmann/json.hpp>

#include "etalon/limits.hpp"

namespace etalon {
namespace {

using LimitsJson = nlohmann::ordered_json;

LimitsJson value_or_null(const std::optional<double>& value) {
  return value ? LimitsJson(*value) : LimitsJson(nullptr);
}

std::optional<double> value_in(const LimitsJson& json, const char* key) {
  const LimitsJson& value = json.at(key);
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

LimitsJson point_to_json(const LimitPoint& point) {
  return {{"batch_size", point.batch_size},
          {"lr", point.lr},
          {"step", point.step},
          {"sharpness", point.sharpness},
          {"noise_scale", value_or_null(point.noise_scale)},
          {"greatest_lr", value_or_null(point.greatest_lr)}};
}

LimitPoint point_from_json(const LimitsJson& json) {
  return {.batch_size = json.at("batch_size").get<std::int64_t>(),
          .lr = json.at("lr").get<double>(),
          .step = json.at("step").get<std::int64_t>(),
          .sharpness = json.at("sharpness").get<double>(),
          .noise_scale = value_in(json, "noise_scale"),
          .greatest_lr = value_in(json, "greatest_lr")};
}

}  // namespace

std::string limits_to_text(const MeasuredLimits& limits) {
  LimitsJson points = LimitsJson::array();
  for (const LimitPoint& point : limits.points) points.push_back(point_to_json(point));
  const LimitsJson json = {{"stable_product", limits.stable_product},
                           {"share_of_sgd", limits.share_of_sgd},
                           {"stable_formula", limits.stable_formula},
                           {"points", std::move(points)}};
  return json.dump();
}

std::optional<MeasuredLimits> limits_from_text(const std::string& text) {
  try {
    const LimitsJson json = LimitsJson::parse(text);
    MeasuredLimits limits{.stable_product = json.at("stable_product").get<double>(),
                          .share_of_sgd = json.at("share_of_sgd").get<double>(),
                          .stable_formula = json.at("stable_formula").get<std::string>()};
    for (const LimitsJson& each : json.at("points")) {
      limits.points.push_back(point_from_json(each));
    }
    return limits;
  } catch (const LimitsJson::exception&) {
    return std::nullopt;
  }
}

}  // namespace etalon

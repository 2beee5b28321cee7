#include <cmath>
#include <nlohmann/json.hpp>

#include "report/noise/curvature_answer.hpp"

namespace etalon {
namespace {

using CurvatureJson = nlohmann::ordered_json;

CurvatureJson number_or_null(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? CurvatureJson(*value) : CurvatureJson();
}

EstimatedRatio sharpness_ratio(const Sharpness& of) { return {of.value, of.low, of.high}; }

template <typename Value>  // an Estimated or an EstimatedRatio
void add_with_ends(CurvatureJson& json, const std::string& name, const Value& of) {
  json[name] = number_or_null(of.value);
  json[name + "_low"] = number_or_null(of.low);
  json[name + "_high"] = number_or_null(of.high);
}

CurvatureJson optimum_json(const OneStepOptimum& optimum, const CurvatureNoise& noise) {
  CurvatureJson json = {{"batch_size", optimum.batch_size}, {"batches", optimum.batches}};
  add_with_ends(json, "lr", EstimatedRatio{optimum.lr, optimum.low, optimum.high});
  add_with_ends(json, "predicted_lr", noise.best_lr(static_cast<double>(optimum.batch_size)));
  json["change"] = number_or_null(optimum.change);
  return json;
}

CurvatureJson one_step_json(const CurvaturePoint& at) {
  if (at.one_step.empty()) return {};
  CurvatureJson json = {{"batch_sizes", CurvatureJson::array()}};
  for (const OneStepOptimum& each : at.one_step) {
    json["batch_sizes"].push_back(optimum_json(each, at.measured.noise));
  }
  add_with_ends(json, "noise_scale", at.curve ? at.curve->noise_scale : EstimatedRatio{});
  add_with_ends(json, "greatest_lr", at.curve ? at.curve->greatest_lr : EstimatedRatio{});
  return json;
}

CurvatureJson point_json(const CurvaturePoint& at, const std::optional<StabilityLimit>& limit) {
  const CurvatureNoise& noise = at.measured.noise;
  const Sharpness& sharpness = at.measured.sharpness;
  CurvatureJson json = {{"place", at.place}};
  add_with_ends(json, "noise_scale", noise.noise_scale());
  add_with_ends(json, "greatest_lr", noise.greatest_lr());
  add_with_ends(json, "squared_gradient", noise.squared_gradient());
  add_with_ends(json, "gradient_curvature", noise.gradient_curvature());
  add_with_ends(json, "curvature_trace", noise.curvature_trace());
  add_with_ends(json, "sharpness", sharpness_ratio(sharpness));
  json["sharpness_error"] = sharpness.error;
  json["sharpness_converged"] = sharpness.converged;
  const bool has_limit = limit && sharpness.value > 0.0;
  add_with_ends(json, "stable_lr", has_limit ? stable_lr(sharpness, *limit) : EstimatedRatio{});
  json["share_of_sgd"] = limit ? CurvatureJson(limit->share_of_sgd) : CurvatureJson();
  json["limited_from"] = has_limit ? number_or_null(limited_from(at, *limit)) : CurvatureJson();
  json["training_lr"] = at.lr > 0.0 ? CurvatureJson(at.lr) : CurvatureJson();
  json["one_step"] = one_step_json(at);
  return json;
}

}  // namespace

nlohmann::ordered_json curvature_json(const CurvatureAnswer& answer) {
  CurvatureJson list = CurvatureJson::array();
  for (const CurvaturePoint& at : answer.points) list.push_back(point_json(at, answer.limit));
  return list;
}

}  // namespace etalon

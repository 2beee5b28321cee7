#include <nlohmann/json.hpp>

#include "report/noise/noise_answer.hpp"

namespace etalon {
namespace {

using NoiseJson = nlohmann::ordered_json;

NoiseJson optional_json(const std::optional<double>& value) {
  return value ? NoiseJson(*value) : NoiseJson();
}

void add_estimated(NoiseJson& json, const std::string& name, const Estimated& of) {
  json[name] = of.value;
  json[name + "_low"] = optional_json(of.low);
  json[name + "_high"] = optional_json(of.high);
}

NoiseJson scale_json(const NoiseScale& scale, bool is_ratio) {
  NoiseJson json = {{"noise_scale", optional_json(scale.value)},
                    {"noise_scale_low", optional_json(scale.low)},
                    {"noise_scale_high", optional_json(scale.high)}};
  if (!is_ratio) {
    add_estimated(json, "squared_gradient", scale.squared_gradient);
    add_estimated(json, "covariance_trace", scale.covariance_trace);
    json["examples"] = scale.examples;
  }
  json["measurements"] = scale.measurements;
  json["examples_needed"] = optional_json(scale.examples_needed);
  return json;
}

NoiseJson trade_off_json(const NoiseTradeOff& at, const NoiseAnswer& answer) {
  NoiseJson json = {{"batch_size", at.batch_size}};
  add_estimated(json, "steps", at.steps);
  add_estimated(json, "examples", at.examples);
  add_estimated(json, "lr_share", at.lr);
  if (answer.lr) {
    Estimated lr = lr_factor(*answer.batch_size, at.batch_size, answer.noise.scale);
    for (double* each : {&lr.value, lr.low ? &*lr.low : nullptr, lr.high ? &*lr.high : nullptr}) {
      if (each != nullptr) *each *= *answer.lr;
    }
    add_estimated(json, "lr", lr);
  }
  return json;
}

NoiseJson line_json(const std::vector<NormsAtBatchSize>& line) {
  NoiseJson list = NoiseJson::array();
  for (const NormsAtBatchSize& each : line) {
    list.push_back({{"batch_size", each.batch_size},
                    {"norms", each.norms},
                    {"mean_squared_norm", each.mean},
                    {"standard_error", each.standard_error},
                    {"fitted", each.fitted}});
  }
  return list;
}

NoiseJson parts_json(const std::vector<NoisePart>& parts) {
  NoiseJson list = NoiseJson::array();
  for (const NoisePart& part : parts) {
    NoiseJson json = {{"first", part.first}, {"last", part.last}};
    json.update(scale_json(part.scale, false));
    list.push_back(std::move(json));
  }
  return list;
}

NoiseJson layers_json(const std::vector<LayerNoise>& layers) {
  NoiseJson list = NoiseJson::array();
  for (const LayerNoise& each : layers) {
    NoiseJson json = {{"layer", each.layer}};
    json.update(scale_json(each.scale, false));
    list.push_back(std::move(json));
  }
  return list;
}

NoiseJson variances_json(const std::vector<GradientVariance>& variances) {
  NoiseJson list = NoiseJson::array();
  for (const GradientVariance& at : variances) {
    list.push_back({{"batch_size", at.batch_size},
                    {"batches", at.batches},
                    {"measured", at.measured},
                    {"standard_error", at.standard_error},
                    {"expected", at.expected},
                    {"line", at.line}});
  }
  return list;
}

}  // namespace

std::string noise_json(const NoiseAnswer& answer) {
  const NoiseOfLog& noise = answer.noise;
  NoiseJson json = {{"source", answer.source}, {"level", answer.level}, {"method", noise.method}};
  json.update(scale_json(noise.scale, noise.is_ratio));
  json["batch_sizes"] = NoiseJson::array();
  for (const NoiseTradeOff& at : trade_offs_of(answer)) {
    json["batch_sizes"].push_back(trade_off_json(at, answer));
  }
  json["parts"] = parts_json(noise.parts);
  json["line"] = line_json(noise.line);
  json["curvature"] = curvature_json(answer.curvature);
  json["layers"] = layers_json(answer.layers);
  json["variances"] = variances_json(answer.variances);
  json["p_value"] = optional_json(noise.p_value);
  json["said"] = answer.said;
  return json.dump(2, ' ', false, NoiseJson::error_handler_t::replace);
}

}  // namespace etalon

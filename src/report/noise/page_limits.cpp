#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/noise/page_data.hpp"

namespace etalon {
namespace {

using LimitsJson = nlohmann::ordered_json;

constexpr int kPointsOfLimits = 65;
constexpr double kGreatestAlone = 4096.0;        // batch size, where none is asked for
constexpr double kHalfOctave = 1.4142135623731;  // that the curve goes on beyond what is shown

// Of the last point at which steps were tried, else of the last; of those that have a curve.
std::optional<std::size_t> point_of_limits(const std::vector<CurvaturePoint>& points) {
  std::optional<std::size_t> tried, last;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const CurvatureNoise& noise = points[i].measured.noise;
    if (!noise.noise_scale().value || !noise.greatest_lr().value) continue;
    last = i;
    if (!points[i].one_step.empty()) tried = i;
  }
  return tried ? tried : last;
}

// Steps of which the best was found, as long as the optimizer has to go them.
LimitsJson tried_json(const LimitsJson& point, double share) {
  LimitsJson list = LimitsJson::array();
  if (point.at("one_step").is_null()) return list;
  for (LimitsJson row : point.at("one_step").at("batch_sizes")) {
    if (row.at("lr").is_null()) continue;
    for (auto& [key, value] : row.items()) {
      if (key.find("lr") != std::string::npos && !value.is_null()) {
        value = share * value.get<double>();
      }
    }
    list.push_back(std::move(row));
  }
  return list;
}

std::vector<double> sizes_of_limits(const NoiseAnswer& answer, const LimitsJson& tried) {
  std::vector<double> shown;
  for (const LimitsJson& row : tried) shown.push_back(row.at("batch_size"));
  const std::vector<NoiseTradeOff> asked = trade_offs_of(answer);
  for (const NoiseTradeOff& each : asked) shown.push_back(each.batch_size);
  if (asked.empty()) shown.insert(shown.end(), {1.0, kGreatestAlone});
  const auto [least, most] = std::minmax_element(shown.begin(), shown.end());
  return sizes_between(std::max(1.0, *least / kHalfOctave), *most * kHalfOctave, kPointsOfLimits);
}

}  // namespace

LimitsJson limits_json(const NoiseAnswer& answer) {
  const auto at = point_of_limits(answer.curvature.points);
  if (!at) return nullptr;
  const double share = answer.curvature.limit ? answer.curvature.limit->share_of_sgd : 1.0;
  LimitsJson json = curvature_json(answer.curvature).at(*at);
  json["tried"] = tried_json(json, share);
  json["curve"] = LimitsJson::array();
  const CurvatureNoise& noise = answer.curvature.points[*at].measured.noise;
  for (const double size : sizes_of_limits(answer, json.at("tried"))) {
    const auto lr = noise.best_lr(size).value;
    if (lr) json["curve"].push_back({{"batch_size", size}, {"lr", share * *lr}});
  }
  return json.at("curve").empty() ? LimitsJson() : json;
}

}  // namespace etalon

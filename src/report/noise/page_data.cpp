#include "report/noise/page_data.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

namespace etalon {
namespace {

using PageJson = nlohmann::ordered_json;

constexpr int kPointsOfCurve = 97, kPointsOfLine = 65;
constexpr double kOctaves = 1.0;  // that curves go on beyond the batch sizes shown

// Over the batch sizes that are shown.
std::vector<double> sizes_of_curve(const std::vector<NoiseTradeOff>& shown) {
  const auto [least, most] = std::minmax_element(
      shown.begin(), shown.end(),
      [](const NoiseTradeOff& a, const NoiseTradeOff& b) { return a.batch_size < b.batch_size; });
  const double beyond = std::exp2(kOctaves);
  return sizes_between(std::max(1.0, least->batch_size / beyond), most->batch_size * beyond,
                       kPointsOfCurve);
}

PageJson trade_off_curve(const NoiseAnswer& answer, const std::vector<NoiseTradeOff>& shown) {
  NoiseAnswer fine = answer;
  fine.batch_sizes = sizes_of_curve(shown);
  return PageJson::parse(noise_json(fine)).at("batch_sizes");
}

// Through the norms, from the least batch size that was measured to the greatest.
PageJson line_curve(const NoiseOfLog& noise) {
  const NoiseMoments moments{noise.scale.squared_gradient.value,
                             noise.scale.covariance_trace.value};
  PageJson curve = PageJson::array();
  for (const double size :
       sizes_between(noise.line.front().batch_size, noise.line.back().batch_size, kPointsOfLine)) {
    curve.push_back({{"batch_size", size}, {"fitted", expected_squared_norm(size, moments)}});
  }
  return curve;
}

// Normal intervals of means whose errors are known.
void add_ends(PageJson& rows, const char* of, double level) {
  const double errors = boost::math::quantile(boost::math::normal(), 0.5 + 0.5 * level);
  for (PageJson& row : rows) {
    const double mean = row.at(of), error = row.at("standard_error");
    row["low"] = mean - errors * error;
    row["high"] = mean + errors * error;
  }
}

}  // namespace

std::vector<double> sizes_between(double low, double high, int count) {
  std::vector<double> sizes;
  sizes.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) sizes.push_back(low * std::pow(high / low, i / (count - 1.0)));
  return sizes;
}

PageJson noise_page_data(const NoiseAnswer& answer) {
  PageJson json = PageJson::parse(noise_json(answer));
  const std::vector<NoiseTradeOff> shown = trade_offs_of(answer);
  if (!shown.empty()) json["curve"] = trade_off_curve(answer, shown);
  if (!answer.noise.line.empty()) json["line_curve"] = line_curve(answer.noise);
  add_ends(json["line"], "mean_squared_norm", answer.level);
  add_ends(json["variances"], "measured", answer.level);
  json["limits"] = limits_json(answer);
  return json;
}

}  // namespace etalon

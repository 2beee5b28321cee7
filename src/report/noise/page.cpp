#include "report/page.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/assets.hpp"
#include "report/noise/noise_answer.hpp"

namespace etalon {
namespace {

constexpr int kPoints = 97;       // of a curve
constexpr double kOctaves = 1.0;  // that curves go on beyond the batch sizes shown

// Over the batch sizes that are shown, evenly in their logarithm.
std::vector<double> sizes_of_curve(const std::vector<NoiseTradeOff>& shown) {
  const auto [least, most] = std::minmax_element(
      shown.begin(), shown.end(),
      [](const NoiseTradeOff& a, const NoiseTradeOff& b) { return a.batch_size < b.batch_size; });
  const double low = std::max(0.0, std::log2(least->batch_size) - kOctaves);
  const double high = std::log2(most->batch_size) + kOctaves;
  std::vector<double> sizes;
  sizes.reserve(kPoints);
  for (int i = 0; i < kPoints; ++i)
    sizes.push_back(std::exp2(low + (high - low) * i / (kPoints - 1)));
  return sizes;
}

std::string noise_page_json(const NoiseAnswer& answer) {
  auto json = nlohmann::ordered_json::parse(noise_json(answer));
  const std::vector<NoiseTradeOff> shown = trade_offs_of(answer);
  if (!shown.empty()) {
    NoiseAnswer fine = answer;
    fine.batch_sizes = sizes_of_curve(shown);
    json["curve"] = nlohmann::ordered_json::parse(noise_json(fine)).at("batch_sizes");
  }
  return json.dump();
}

}  // namespace

void write_noise_page(const NoiseAnswer& answer, std::ostream& out) {
  write_page({.body = assets::noise_html(),
              .style = assets::noise_css(),
              .json = noise_page_json(answer),
              .script = assets::noise_js()},
             out);
}

}  // namespace etalon

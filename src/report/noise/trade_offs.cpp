#include <algorithm>
#include <cmath>

#include "report/noise/noise_answer.hpp"

namespace etalon {
namespace {

constexpr int kEachSide = 3;  // batch sizes, a factor of 4 apart

// Powers of two about the noise scale.
std::vector<double> sizes_about(double noise_scale) {
  const double middle = std::max(0.0, std::round(std::log2(noise_scale)));
  std::vector<double> sizes;
  for (int i = -kEachSide; i <= kEachSide; ++i) {
    if (middle + 2 * i >= 0.0) sizes.push_back(std::exp2(middle + 2 * i));
  }
  return sizes;
}

}  // namespace

std::vector<NoiseTradeOff> trade_offs_of(const NoiseAnswer& answer) {
  const NoiseScale& scale = answer.noise.scale;
  std::vector<NoiseTradeOff> all;
  if (!scale.value) return all;
  const auto sizes = answer.batch_sizes.empty() ? sizes_about(*scale.value) : answer.batch_sizes;
  for (const double size : sizes) all.push_back(trade_off_at(size, scale));
  return all;
}

}  // namespace etalon

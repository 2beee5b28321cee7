#include "report/study/curve_thinning.hpp"

#include <algorithm>
#include <cmath>

namespace etalon {
namespace {

constexpr std::size_t kPointsOfPage = 80'000;
constexpr std::size_t kFewest = 12, kMost = 1000;

// The mean of `train_loss` over the updates of (begin, end], as far as it is known.
std::optional<double> mean_train_loss(const std::vector<CurvePoint>& curve, std::size_t begin,
                                      std::size_t end) {
  double sum = 0.0, steps = 0.0;
  for (std::size_t i = begin; i <= end; ++i) {
    const std::int64_t before = i == 0 ? 0 : curve[i - 1].step;
    const auto weight = static_cast<double>(curve[i].step - before);
    if (!curve[i].train_loss || !(weight > 0.0)) continue;
    sum += weight * *curve[i].train_loss;
    steps += weight;
  }
  return steps > 0.0 ? std::optional(sum / steps) : curve[end].train_loss;
}

}  // namespace

std::size_t points_per_curve(std::size_t trials) {
  return std::clamp(kPointsOfPage / std::max<std::size_t>(trials, 1), kFewest, kMost);
}

std::vector<std::size_t> kept_points(std::size_t length, std::size_t most) {
  std::vector<std::size_t> kept;
  if (length <= most) {
    for (std::size_t i = 0; i < length; ++i) kept.push_back(i);
    return kept;
  }
  const double ratio = std::log(static_cast<double>(length)) / static_cast<double>(most - 1);
  for (std::size_t i = 0; i < most; ++i) {
    const auto even =
        static_cast<std::size_t>(std::lround(std::expm1(ratio * static_cast<double>(i))));
    const std::size_t next = kept.empty() ? 0 : kept.back() + 1;
    kept.push_back(std::min(std::max(even, next), length - most + i));
  }
  return kept;
}

std::vector<CurvePoint> thinned(const std::vector<CurvePoint>& curve,
                                std::span<const std::size_t> kept) {
  std::vector<CurvePoint> points;
  std::size_t begin = 0;
  const auto keep = [&](std::size_t i) {
    points.push_back(curve[i]);
    points.back().train_loss = mean_train_loss(curve, begin, i);
    begin = i + 1;
  };
  for (const std::size_t i : kept) {
    if (i < curve.size()) keep(i);
  }
  if (begin < curve.size()) keep(curve.size() - 1);
  return points;
}

}  // namespace etalon

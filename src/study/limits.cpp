#include "etalon/limits.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace etalon {
namespace {

std::optional<LimitRange> range_over(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  const double above = values[half], below = values[(values.size() - 1) / 2];
  return LimitRange{values.front(), 0.5 * (below + above), values.back()};
}

// How far a training is from a batch size.
double distance_to(const LimitPoint& point, double batch_size) {
  return std::abs(std::log(static_cast<double>(point.batch_size) / batch_size));
}

// Those of the training at the batch size, or the nearest.
std::vector<LimitPoint> points_at(const MeasuredLimits& limits, double batch_size) {
  double nearest = std::numeric_limits<double>::infinity();
  for (const LimitPoint& point : limits.points) {
    nearest = std::min(nearest, distance_to(point, batch_size));
  }
  std::vector<LimitPoint> points = limits.points;
  std::erase_if(points,
                [&](const LimitPoint& point) { return distance_to(point, batch_size) > nearest; });
  return points;
}

}  // namespace

std::string_view to_string(HeldBy limit) {
  switch (limit) {
    case HeldBy::noise:
      return "noise";
    case HeldBy::sharpness:
      return "sharpness";
    case HeldBy::neither:
      return "neither";
    case HeldBy::cannot_tell:
      break;
  }
  return "cannot tell";
}

std::optional<LimitRange> stable_lr(const MeasuredLimits& limits, double batch_size) {
  std::vector<double> values;
  for (const LimitPoint& point : points_at(limits, batch_size)) {
    if (point.sharpness > 0.0) values.push_back(limits.stable_product / point.sharpness);
  }
  return range_over(std::move(values));
}

std::optional<LimitRange> noise_lr(const MeasuredLimits& limits, double batch_size) {
  std::vector<double> values;
  for (const LimitPoint& point : points_at(limits, batch_size)) {
    if (!point.noise_scale || !point.greatest_lr) continue;
    const double step = *point.greatest_lr / (1.0 + *point.noise_scale / batch_size);
    values.push_back(limits.share_of_sgd * step);
  }
  return range_over(std::move(values));
}

HeldBy what_holds(const MeasuredLimits& limits, double batch_size, double lr,
                  const std::optional<double>& lr_high) {
  const auto stable = stable_lr(limits, batch_size), noise = noise_lr(limits, batch_size);
  if (!stable || !noise) return HeldBy::cannot_tell;
  const bool is_below = lr_high && *lr_high < stable->low;
  if (is_below && noise->median < stable->low) return HeldBy::noise;
  if (lr >= stable->low && noise->median >= stable->low) return HeldBy::sharpness;
  return HeldBy::cannot_tell;
}

HeldBy what_breaks(const MeasuredLimits& limits, double batch_size, double lr, double best_lr) {
  if (lr < best_lr) return HeldBy::neither;
  const auto stable = stable_lr(limits, batch_size), noise = noise_lr(limits, batch_size);
  if (stable && lr > stable->high) return HeldBy::sharpness;
  if (stable && noise && lr < stable->low && lr > noise->high) return HeldBy::noise;
  return HeldBy::cannot_tell;
}

}  // namespace etalon

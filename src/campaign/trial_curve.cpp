#include <algorithm>
#include <cmath>

#include "etalon/bounds.hpp"
#include "etalon/pruning.hpp"

namespace etalon {
namespace {

constexpr std::size_t kMostPoints = 1000;

double place_of(const CurvePoint& point) {
  return static_cast<double>(point.examples > 0 ? point.examples : point.step);
}

void drop_every_other(std::vector<CurvePoint>& points) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < points.size(); i += 2) points[kept++] = points[i];
  points.resize(kept);
}

}  // namespace

// The last point is always kept, so that the curve reaches as far as the trial: it gives way to the
// next where it is not of the stride.
void TrialCurve::add(const CurvePoint& point) {
  if (!point.validation_loss || !is_valid_loss(*point.validation_loss)) return;
  if (!points_.empty() && place_of(point) <= last()) return;
  if (skipped_ > 0) points_.pop_back();
  points_.push_back(point);
  skipped_ = (skipped_ + 1) % stride_;
  if (points_.size() < kMostPoints || skipped_ > 0) return;
  drop_every_other(points_);
  stride_ *= 2;
}

void TrialCurve::end(TrialState state, std::optional<double> loss) {
  state_ = state;
  loss_ = state == TrialState::finished ? loss : std::nullopt;
}

double TrialCurve::first() const { return points_.empty() ? 0.0 : place_of(points_.front()); }

double TrialCurve::last() const { return points_.empty() ? 0.0 : place_of(points_.back()); }

double TrialCurve::value_at(double examples) const {
  const auto above = std::lower_bound(
      points_.begin(), points_.end(), examples,
      [](const CurvePoint& point, double place) { return place_of(point) < place; });
  if (above == points_.begin()) return *above->validation_loss;
  const CurvePoint& below = *std::prev(above);
  const double share = (examples - place_of(below)) / (place_of(*above) - place_of(below));
  return std::lerp(*below.validation_loss, *above->validation_loss, share);
}

std::optional<double> TrialCurve::level(double from, double to) const {
  if (points_.empty() || from < first() || to > last() || from > to) return std::nullopt;
  if (from == to) return value_at(to);
  double area = 0.0, place = from, value = value_at(from);
  const auto move_to = [&](double next, double loss) {
    area += 0.5 * (value + loss) * (next - place);
    place = next;
    value = loss;
  };
  auto point =
      std::upper_bound(points_.begin(), points_.end(), from,
                       [](double at, const CurvePoint& other) { return at < place_of(other); });
  for (; point != points_.end() && place_of(*point) < to; ++point) {
    move_to(place_of(*point), *point->validation_loss);
  }
  move_to(to, value_at(to));
  return area / (to - from);
}

}  // namespace etalon

#include "range/range_curve.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace etalon {
namespace {

constexpr std::size_t kLeastLosses = 5;
constexpr double kReach = 4.0;            // widths beyond which a weight is nothing
constexpr double kRoundingOfLoss = 1e-6;  // relative, of a mean in single precision
constexpr double kPartOfFall = 0.1;       // what counts as having begun, or as still being there
constexpr double kAlike = 2.0;            // deviations of a smoothed loss that tell nothing
constexpr double kOfNoise = 5.0;          // deviations of a smoothed loss that a fall must exceed

// At the ends over what there is of the window.
std::vector<double> smoothed_evenly(const std::vector<double>& losses, double width) {
  if (width <= 0.0) return losses;
  const auto reach = static_cast<std::ptrdiff_t>(std::ceil(kReach * width));
  std::vector<double> smooth;
  for (std::ptrdiff_t i = 0; i < std::ssize(losses); ++i) {
    double sum = 0.0, weights = 0.0;
    const auto end = std::min(std::ssize(losses), i + reach + 1);
    for (std::ptrdiff_t j = std::max<std::ptrdiff_t>(0, i - reach); j < end; ++j) {
      const double away = static_cast<double>(i - j) / width;
      const double weight = std::exp(-0.5 * away * away);
      sum += weight * losses[static_cast<std::size_t>(j)];
      weights += weight;
    }
    smooth.push_back(sum / weights);
  }
  return smooth;
}

// The deviation of a loss about its neighbours' line, from second differences; half of them are
// below what the median says, so that a blow-up does not count.
double noise_of_losses(const std::vector<double>& losses) {
  std::vector<double> squares;
  for (std::size_t i = 1; i + 1 < losses.size(); ++i) {
    const double second = losses[i - 1] - 2.0 * losses[i] + losses[i + 1];
    squares.push_back(second * second / 6.0);
  }
  const auto middle = squares.begin() + std::ssize(squares) / 2;
  std::nth_element(squares.begin(), middle, squares.end());
  return std::sqrt(*middle / 0.4549);  // the median of χ² of one degree
}

// The mean of the first losses, a tenth of them, where the rate is too low to change anything.
double loss_at_start(const std::vector<double>& losses) {
  const std::size_t count = std::max<std::size_t>(1, losses.size() / 10);
  double sum = 0.0;
  for (std::size_t i = 0; i < count; ++i) sum += losses[i];
  return sum / static_cast<double>(count);
}

std::size_t index_of_least(const std::vector<double>& losses) {
  return static_cast<std::size_t>(std::min_element(losses.begin(), losses.end()) - losses.begin());
}

double slope(const std::vector<double>& lrs, const std::vector<double>& losses, std::size_t i) {
  return (losses[i + 1] - losses[i]) / std::log(lrs[i + 1] / lrs[i]);
}

std::size_t steepest_between(const std::vector<double>& lrs, const std::vector<double>& losses,
                             std::size_t begin, std::size_t end) {
  std::size_t best = begin;
  for (std::size_t i = begin + 1; i < end; ++i) {
    if (slope(lrs, losses, i) < slope(lrs, losses, best)) best = i;
  }
  return best;
}

// The rate of a place among those of a curve, whole numbers being them and halves the middles.
// Beyond the last one, where the loss blew up, rates go on by the last factor; else, and below the
// first, there is none.
std::optional<double> lr_at(const RangeCurve& curve, double place) {
  const double last = static_cast<double>(curve.lrs.size()) - 1.0;
  if (place < 0.0 || place > (curve.blew_up ? last + 1.0 : last)) return std::nullopt;
  const double begin = std::min(std::floor(place), last - 1.0);
  const auto i = static_cast<std::size_t>(begin);
  return curve.lrs[i] * std::pow(curve.lrs[i + 1] / curve.lrs[i], place - begin);
}

// What lies between two places is known to some widths of the smoothing; both ends are open where
// they lie beyond what was tried.
class Places {
 public:
  Places(const RangeCurve& curve, double width) : curve_(curve), width_(width) {}

  LrOnGrid between(double low, double place, double high, double widths = 0.5) const {
    const double last = static_cast<double>(curve_.lrs.size()) - (curve_.blew_up ? 0.0 : 1.0);
    const double below = low < 0.0 ? low : std::max(0.0, low - widths * width_);
    const double above = high > last ? high : std::min(last, high + widths * width_);
    return {*lr_at(curve_, place), lr_at(curve_, below), lr_at(curve_, above)};
  }

 private:
  const RangeCurve& curve_;
  const double width_;
};

// Between the neighbours of what lies less than `alike` above it; a rise that is smoothed begins
// twice the width of the smoothing too early.
LrOnGrid place_of_least(const std::vector<double>& losses, const Places& places, std::size_t least,
                        double alike) {
  std::size_t first = least, last = least;
  while (first > 0 && losses[first - 1] < losses[least] + alike) --first;
  while (last + 1 < losses.size() && losses[last + 1] < losses[least] + alike) ++last;
  return places.between(static_cast<double>(first) - 1.0, static_cast<double>(least),
                        static_cast<double>(last) + 1.0, 2.0);
}

// From `from` on, the middle of the steepest step to the least loss.
LrOnGrid fastest_fall(const RangeCurve& curve, const std::vector<double>& losses,
                      const Places& places, std::size_t from, std::size_t least) {
  const std::size_t steepest = steepest_between(curve.lrs, losses, from == 0 ? 0 : from - 1, least);
  const double middle = static_cast<double>(steepest) + 0.5;
  return places.between(std::max(0.0, middle - 1.0), std::max(middle, static_cast<double>(from)),
                        middle + 1.0);
}

}  // namespace

std::optional<RangeLandmarks> landmarks_of(const RangeCurve& curve, const RangeReading& reading) {
  if (curve.losses.size() < kLeastLosses) return std::nullopt;
  const std::vector<double> losses = smoothed_evenly(curve.losses, reading.width);
  const std::size_t least = index_of_least(losses);
  const double start = loss_at_start(losses), fall = start - losses[least];
  // Weights of a normal distribution are as good as those of 2√π widths alike.
  const double averaged = std::max(1.0, 2.0 * std::sqrt(std::numbers::pi) * reading.width);
  const double noise = reading.noise.value_or(noise_of_losses(curve.losses)) / std::sqrt(averaged) +
                       kRoundingOfLoss * std::abs(start);
  if (least == 0 || !(fall > kOfNoise * noise)) return std::nullopt;
  std::size_t from = least, to = least;
  while (from > 0 && losses[from - 1] < start - kPartOfFall * fall) --from;
  while (to + 1 < losses.size() && losses[to + 1] <= losses[least] + kPartOfFall * fall) ++to;
  RangeLandmarks landmarks;
  const auto at_from = static_cast<double>(from), at_to = static_cast<double>(to);
  const Places places(curve, reading.width);
  landmarks.falls_from = places.between(at_from - 1.0, at_from, at_from);
  landmarks.falls_fastest = fastest_fall(curve, losses, places, from, least);
  landmarks.least = place_of_least(losses, places, least, kAlike * noise);
  landmarks.stable_to = places.between(at_to, at_to, at_to + 1.0);
  landmarks.least_at = least;
  return landmarks;
}

}  // namespace etalon

#include <algorithm>
#include <cmath>
#include <vector>

#include "range/range_curve.hpp"

namespace etalon {
namespace {

// fastai's, see range_curve.hpp.
constexpr double kRunningAverage = 0.98;
constexpr std::size_t kLastLeftOut = 5, kSlideApart = 15, kLeastForRules = 30;
constexpr double kSlopesAgree = 0.005, kShareOfMinimum = 0.1;

RangeCurve as_tools_see_it(const RangeCurve& curve) {
  RangeCurve seen;
  double average = 0.0, weight = 0.0;
  const std::size_t size = curve.losses.size();
  for (std::size_t i = 0; i < size; ++i) {
    average = kRunningAverage * average + (1.0 - kRunningAverage) * curve.losses[i];
    weight = kRunningAverage * weight + 1.0 - kRunningAverage;
    if (i < size / 10 || i + kLastLeftOut >= size) continue;
    seen.lrs.push_back(curve.lrs[i]);
    seen.losses.push_back(average / weight);
  }
  return seen;
}

std::size_t steepest(const RangeCurve& curve) {
  std::size_t best = 0;
  double least = INFINITY;
  for (std::size_t i = 0; i + 1 < curve.lrs.size(); ++i) {
    const double slope =
        (curve.losses[i + 1] - curve.losses[i]) / std::log(curve.lrs[i + 1] / curve.lrs[i]);
    if (slope < least) best = i, least = slope;
  }
  return best;
}

std::size_t minimum(const RangeCurve& curve) {
  const auto least = std::min_element(curve.losses.begin(), curve.losses.end());
  return static_cast<std::size_t>(least - curve.losses.begin());
}

// Lengths of the longest falling subsequences that end at each loss; the valley is taken to be as
// many steps long as the longest has members, and what lies half its length before its end.
std::size_t valley(const RangeCurve& curve) {
  std::vector<std::size_t> lengths(curve.losses.size(), 1);
  std::size_t end = 0;
  for (std::size_t i = 1; i < lengths.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (curve.losses[i] < curve.losses[j]) lengths[i] = std::max(lengths[i], lengths[j] + 1);
    }
    if (lengths[i] > lengths[end]) end = i;
  }
  const std::size_t length = std::min(lengths[end], end), third = length / 3;
  return end - length + third + third / 2;
}

// The slope of the losses from step to step, as central differences.
double central_slope(const std::vector<double>& losses, std::size_t i) {
  const std::size_t before = i == 0 ? 0 : i - 1, after = std::min(i + 1, losses.size() - 1);
  return (losses[after] - losses[before]) / static_cast<double>(after - before);
}

std::size_t slide(const RangeCurve& curve) {
  const std::size_t size = curve.losses.size();
  std::size_t found = size - 1 - kSlideApart;
  for (std::size_t right = size - 1; right >= kSlideApart; --right) {
    const std::size_t left = right - kSlideApart;
    const double apart = central_slope(curve.losses, right) - central_slope(curve.losses, left);
    if (std::abs(apart) <= kSlopesAgree) break;
    found = left;
  }
  return found;
}

}  // namespace

std::vector<RangeSuggestion> suggestions_of(const RangeCurve& curve) {
  if (curve.losses.size() < kLeastForRules) return {};
  const RangeCurve seen = as_tools_see_it(curve);
  const auto at = [&](std::size_t place, double share = 1.0) {
    const std::size_t i = place + curve.losses.size() / 10;
    return LrOnGrid{share * curve.lrs[i], share * curve.lrs[i - 1], share * curve.lrs[i + 1]};
  };
  return {{"steepest", at(steepest(seen))},
          {"valley", at(valley(seen))},
          {"minimum", at(minimum(seen), kShareOfMinimum)},
          {"slide", at(slide(seen))}};
}

}  // namespace etalon

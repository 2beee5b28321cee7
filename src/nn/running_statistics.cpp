#include "nn/running_statistics.hpp"

#include <algorithm>

namespace etalon {
namespace {

constexpr double kStatisticsShare = 0.1;  // of the new, a step

void mix(float& running, double part) {
  running = static_cast<float>((1.0 - kStatisticsShare) * static_cast<double>(running) + part);
}

}  // namespace

RunningStatistics::RunningStatistics(std::int64_t channels)
    : means_(static_cast<std::size_t>(channels)), variances_(means_.size()) {}

void RunningStatistics::note(std::size_t channel, double mean, double variance, double count) {
  means_[channel] += mean;
  variances_[channel] += count > 1.0 ? variance * count / (count - 1.0) : variance;
}

void RunningStatistics::update(float* statistics) {
  if (regions_ == 0) return;
  const double share = kStatisticsShare / static_cast<double>(regions_);
  for (std::size_t c = 0; c < means_.size(); ++c) {
    mix(statistics[c], share * means_[c]);
    mix(statistics[means_.size() + c], share * variances_[c]);
  }
  std::ranges::fill(means_, 0.0);
  std::ranges::fill(variances_, 0.0);
  regions_ = 0;
}

}  // namespace etalon

// The running mean and variance of each channel of a batch norm: a tenth of each step's is taken
// in, with the unbiased variance, as PyTorch does by default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace etalon {

class RunningStatistics {
 public:
  explicit RunningStatistics(std::int64_t channels);

  // Of one channel of a region of `count` values, with the biased variance.
  void note(std::size_t channel, double mean, double variance, double count);
  // Once for each region of which all channels were noted.
  void count_region() { ++regions_; }
  // Moves `statistics`, the means of all channels and then their variances, by the mean of what was
  // noted since the last call.
  void update(float* statistics);

 private:
  std::vector<double> means_, variances_;  // (C), summed over regions
  std::int64_t regions_ = 0;
};

}  // namespace etalon

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "etalon/error.hpp"
#include "noise/moment_errors.hpp"

namespace etalon {
namespace {

void check_pair(const NormPair& pair) {
  check_moment("small_batch_size", pair.small_batch_size, 1.0);
  check_moment("big_batch_size", pair.big_batch_size, 1.0);
  check_moment("small_squared_norm", pair.small_squared_norm, 0.0);
  check_moment("big_squared_norm", pair.big_squared_norm, 0.0);
  if (pair.small_batch_size < pair.big_batch_size) return;
  throw InputError(
      fmt::format("{} is {:g} and {} is {:g}", field_name("small_batch_size"),
                  pair.small_batch_size, field_name("big_batch_size"), pair.big_batch_size),
      "", "the small batch must be smaller than the big one");
}

}  // namespace

NormPair per_example_pair(std::span<const double> squared_norms, double mean_squared_norm) {
  if (squared_norms.size() < 2) {
    throw InputError(fmt::format("there are {} examples", squared_norms.size()), "",
                     "give the gradient norms of at least 2");
  }
  const auto size = static_cast<double>(squared_norms.size());
  const double sum = std::accumulate(squared_norms.begin(), squared_norms.end(), 0.0);
  return {1.0, sum / size, size, mean_squared_norm};
}

NoiseMoments moments_of(const NormPair& pair) {
  check_pair(pair);
  const double b = pair.small_batch_size, big = pair.big_batch_size;
  return {(big * pair.big_squared_norm - b * pair.small_squared_norm) / (big - b),
          (pair.small_squared_norm - pair.big_squared_norm) / (1.0 / b - 1.0 / big)};
}

void NoiseScaleEstimator::add(const NormPair& pair) {
  const NoiseMoments moments = moments_of(pair);
  if (blocks_.empty() || blocks_.back().pairs == block_length_) {
    if (std::ssize(blocks_) == kMostBlocks) merge_neighbours();
    blocks_.emplace_back();
  }
  Block& last = blocks_.back();
  last.squared_gradient += moments.squared_gradient;
  last.covariance_trace += moments.covariance_trace;
  ++last.pairs;
  ++pairs_;
  examples_ += pair.big_batch_size;
}

void NoiseScaleEstimator::merge_neighbours() {
  for (std::size_t i = 0; i < blocks_.size() / 2; ++i) {
    const Block &one = blocks_[2 * i], &other = blocks_[2 * i + 1];
    blocks_[i] = {one.squared_gradient + other.squared_gradient,
                  one.covariance_trace + other.covariance_trace, one.pairs + other.pairs};
  }
  blocks_.resize(blocks_.size() / 2);
  block_length_ *= 2;
}

// The last block may be shorter than the others, and weighs as much less.
NoiseScale NoiseScaleEstimator::estimate(const NoiseScaleOptions& options) const {
  if (pairs_ == 0) throw InputError("there are no pairs of norms", "", "add at least one");
  MomentErrors of;
  const auto count = static_cast<double>(pairs_);
  for (const Block& block : blocks_) {
    of.moments.squared_gradient += block.squared_gradient / count;
    of.moments.covariance_trace += block.covariance_trace / count;
  }
  const auto blocks = static_cast<double>(blocks_.size());
  const double share = blocks / (std::max(1.0, blocks - 1.0) * count * count);
  for (const Block& block : blocks_) {
    const auto length = static_cast<double>(block.pairs);
    const double g = block.squared_gradient - length * of.moments.squared_gradient;
    const double s = block.covariance_trace - length * of.moments.covariance_trace;
    of.gradient_variance += share * g * g;
    of.covariance_variance += share * s * s;
    of.covariation += share * g * s;
  }
  of.degrees_of_freedom = blocks - 1.0;
  of.measurements = pairs_;
  of.examples = examples_;
  return noise_scale_of(of, options);
}

}  // namespace etalon

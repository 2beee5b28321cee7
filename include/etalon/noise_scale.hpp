// The gradient noise scale B_simple = tr Σ / |G|², in examples, from gradient norms, with an
// interval. G is the true gradient, Σ the covariance of one example's gradient. Pure functions, and
// an estimator for a training loop; one thread at a time for each estimator.
//
// Every estimate rests on E|g_B|² = |G|² + tr Σ / B for the mean gradient g_B of B independent
// examples, and on what it says of two batch sizes b < B (McCandlish et al. 2018, arXiv 1812.06162,
// appendix A):
//
//   Ĝ² = (B|g_B|² − b|g_b|²) / (B − b)        Ŝ = (|g_b|² − |g_B|²) / (1/b − 1/B)
//
// Both are unbiased; per example, b is 1. They are averaged apart and divided last, since the mean
// of ratios is no estimate of anything. The interval is Fieller's (1954, "Some problems in interval
// estimation"): all θ for which Ŝ − θĜ² lies within Student's quantile of 0. It needs no ratio to
// be near normal, and has no upper end where |G|² cannot be told from zero; there the noise scale
// is undefined.
//
// Norms are squared, in any one unit: those of gradients averaged over their batch, before
// clipping, without a loss scale, in single precision at least.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace etalon {

struct NoiseScaleOptions {
  double level = 0.90;    // two-sided coverage of the intervals, in (0, 1)
  void validate() const;  // throws InputError naming field, value and constraint
};

// A number with its interval; empty ends are not known, or without bound.
struct Estimated {
  double value = 0.0;
  std::optional<double> low, high;
};

struct NoiseScale {
  Estimated squared_gradient;  // |G|²; its estimate may be below 0
  Estimated covariance_trace;  // tr Σ; its estimate may be below 0
  // B_simple in examples, > 0. Empty: undefined, as |G|² cannot be told from zero, or as norms do
  // not fall with the batch size.
  std::optional<double> value;
  // The interval of B_simple within [0, ∞). It stands also where the value is undefined, but for
  // estimates without any error. `high` empty: without bound.
  std::optional<double> low, high;
  std::int64_t measurements = 0;  // that it is made of
  double examples = 0.0;          // whose gradients it is made of
  // Where |G|² cannot be told from zero: how many examples in all, measured in the same way, would
  // about tell; where the estimate is below 0, at least how many.
  std::optional<double> examples_needed;

  bool has_interval() const { return low.has_value(); }
};

// Of one layer of a network, or one of its parameters.
struct LayerNoise {
  std::string layer;  // "dense1", "transformer.h.0.ln_1.weight"
  NoiseScale scale;
};

// The squared norms of the gradients of one batch and of smaller parts of it, at the same weights.
struct NormPair {
  double small_batch_size = 1.0;    // b >= 1; 1: of single examples
  double small_squared_norm = 0.0;  // mean of |g_b|² over all parts of the batch
  double big_batch_size = 0.0;      // B > b
  double big_squared_norm = 0.0;    // |g_B|²
};

// What single examples say: `squared_norms` are |g_i|² of the B >= 2 examples of a batch,
// `mean_squared_norm` is |ḡ|² of its mean gradient.
NormPair per_example_pair(std::span<const double> squared_norms, double mean_squared_norm);

// Ĝ² and Ŝ of one pair, either of which may be below 0.
struct NoiseMoments {
  double squared_gradient = 0.0;
  double covariance_trace = 0.0;
};
// Throws InputError for what is not finite, norms below 0 or b >= B.
NoiseMoments moments_of(const NormPair& pair);

// The average over many pairs, as a training loop has them, in constant memory.
//
// Consecutive pairs are gathered in at most 64 blocks of equal length. The error is that between
// the means of blocks, so that what binds neighbours together (an average that was logged, weights
// that move slowly) is in the interval as long as it is shorter than a block.
class NoiseScaleEstimator {
 public:
  static constexpr std::int64_t kMostBlocks = 64;

  // Throws as moments_of does.
  void add(const NormPair& pair);
  std::int64_t pairs() const { return pairs_; }
  // After at least one pair; without an interval after one alone.
  NoiseScale estimate(const NoiseScaleOptions& options = {}) const;

 private:
  struct Block {
    double squared_gradient = 0.0, covariance_trace = 0.0;  // sums
    std::int64_t pairs = 0;
  };
  void merge_neighbours();

  std::vector<Block> blocks_;
  std::int64_t block_length_ = 1;
  std::int64_t pairs_ = 0;
  double examples_ = 0.0;
};

// A batch of many examples at one point, in K groups of equal size: of each group what is needed
// to leave it out.
struct GradientGroup {
  double small_squared_norm = 0.0;  // mean |g_b|² over the parts, or single examples, of the group
  double squared_norm = 0.0;        // |g_k|² of the group's mean gradient
  double dot_with_mean = 0.0;       // g_k · ḡ, with the mean gradient ḡ of all groups
};

// From all K >= 2 groups of `group_size` examples together, b = `small_batch_size` <= group_size:
// tells |G|² far more closely than the groups one by one. The errors are the jackknife's (Efron and
// Stein 1981), each group left out in turn. Throws InputError for less, and for what is not finite.
NoiseScale estimate_noise_scale(std::span<const GradientGroup> groups, double small_batch_size,
                                double group_size, const NoiseScaleOptions& options = {});

// E|g_B|² = |G|² + tr Σ / B; `batch_size` > 0.
double expected_squared_norm(double batch_size, const NoiseMoments& moments);

// One gradient norm at one batch size.
struct BatchNorm {
  double batch_size = 0.0;    // >= 1
  double squared_norm = 0.0;  // |g_B|², >= 0
};

// What a line through norms says at one of its batch sizes.
struct NormsAtBatchSize {
  double batch_size = 0.0;
  std::int64_t norms = 0;
  double mean = 0.0;            // of |g_B|²
  double standard_error = 0.0;  // of that mean
  double fitted = 0.0;          // |G|² + tr Σ / B
};

struct NoiseLine {
  NoiseScale scale;
  std::vector<NormsAtBatchSize> batch_sizes;  // ascending
  // The probability of means at least as far from the line; of three batch sizes or more with 20
  // norms or more at each. Below 0.01, something else than B moves the norms, but in 2 of 100.
  std::optional<double> p_value;
};

// The line E|g_B|² = |G|² + tr Σ / B through norms of independent batches at the same weights.
// Weighted by what the noise of Gaussian gradients would be, n·B² / (1 + 2B/B_simple); the errors
// are those of the means, from the spread at each batch size. Throws InputError for fewer than two
// batch sizes, fewer than two norms at one, and for what is no norm or no batch size.
NoiseLine fit_noise_line(std::span<const BatchNorm> norms, const NoiseScaleOptions& options = {});

// What a noise scale says of another batch size (McCandlish et al. 2018): training takes
// 1 + B_simple/B times the least steps and 1 + B/B_simple times the least examples, and the best
// learning rate of one step is 1 / (1 + B_simple/B) of that of the true gradient. All three are 2,
// 2 and a half at B = B_simple, beyond which steps are dear.
struct NoiseTradeOff {
  double batch_size = 0.0;
  Estimated steps;     // over the least number of steps, >= 1
  Estimated examples;  // over the least number of examples, >= 1
  Estimated lr;        // over that of the true gradient, in (0, 1)
};
// `scale` must have a value.
NoiseTradeOff trade_off_at(double batch_size, const NoiseScale& scale);

// By what the learning rate moves from one batch size to another, for an update of kind SGD:
// (1 + B_simple/B) / (1 + B_simple/B′). `scale` must have a value.
Estimated lr_factor(double batch_size, double new_batch_size, const NoiseScale& scale);

}  // namespace etalon

// The fewest updates and examples to a loss, by the numbers.
#include <cmath>
#include <functional>
#include <limits>

#include "etalon/quadratic.hpp"
#include "quadratic/log_minimum.hpp"

namespace etalon {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// A target that takes more updates, or examples, than 2^60 is never reached.
constexpr double kMostUnits = 0x1p60;

// Learning rates are looked for down to this share of the stability limit.
constexpr double kLeastShare = 1e-9;

// Where a loss that falls with its argument comes down to `target`: between two powers of 2, then
// by bisection, to about nine digits.
double crossing(const std::function<double(double)>& loss, double target) {
  double high = 1.0;
  while (!(loss(high) <= target)) {
    if (high >= kMostUnits) return kNever;
    high *= 2.0;
  }
  double low = high > 1.0 ? 0.5 * high : 0.0;
  for (int i = 0; i < 32; ++i) {
    const double middle = 0.5 * (low + high);
    (loss(middle) <= target ? high : low) = middle;
  }
  return high;
}

// E ½ Σ hθ² after `examples`, of batches so small that θ flows: η = rate · B, B → 0.
double flow_loss(const NoisyQuadratic& model, double rate, double examples) {
  double sum = 0.0;
  for (const auto& [h, c, a] : model.coordinates()) {
    const double q = std::exp(-2.0 * rate * h * examples);
    sum += 0.5 * h * (q * a + (1.0 - q) * rate * c / (2.0 * h));
  }
  return sum;
}

// The rate at which the noise alone holds the loss at `target`: ¼ rate Σ c.
double most_flow_rate(const NoisyQuadratic& model, double target) {
  double trace = 0.0;
  for (const QuadraticCoordinate& each : model.coordinates()) trace += each.variance;
  return 4.0 * target / trace;
}

bool is_ahead(const NoisyQuadratic& model, double target) {
  return target > 0.0 && target < model.start_loss();
}

}  // namespace

std::optional<QuadraticTarget> NoisyQuadratic::fewest_steps(double batch_size,
                                                            double target) const {
  if (!is_ahead(*this, target)) return std::nullopt;
  const auto steps = [&](double lr) {
    if (stationary_loss(batch_size, lr) >= target) return kNever;
    return crossing([&](double count) { return expected_loss(batch_size, lr, count); }, target);
  };
  const double limit = stability_limit();
  const double lr = log_argmin(steps, kLeastShare * limit, (1.0 - kLeastShare) * limit);
  const double fewest = steps(lr);
  if (fewest == kNever) return std::nullopt;
  return QuadraticTarget{fewest, lr};
}

std::optional<double> NoisyQuadratic::fewest_examples(double target) const {
  if (!is_ahead(*this, target)) return std::nullopt;
  const auto examples = [&](double rate) {
    return crossing([&](double count) { return flow_loss(*this, rate, count); }, target);
  };
  const double most = most_flow_rate(*this, target);
  return examples(log_argmin(examples, kLeastShare * most, (1.0 - kLeastShare) * most));
}

std::optional<double> NoisyQuadratic::critical_batch_size(double target) const {
  const auto steps = fewest_steps(kNever, target);
  const auto examples = fewest_examples(target);
  if (!steps || !examples) return std::nullopt;
  return *examples / steps->steps;
}

}  // namespace etalon

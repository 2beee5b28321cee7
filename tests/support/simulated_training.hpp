// Trainings whose expected loss is a formula, drawn at random: to see how fast a search comes down.
//
// Losses are scaled so that they rise by 0.015 one octave below the optimum of a middle batch size,
// and carry noise of 0.0015 and a tenth of the excess over the least loss; some diverge.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "core/random.hpp"
#include "support/noisy_quadratic.hpp"

namespace etalon::testing {

class SimulatedTraining {
 public:
  // Up to scale; infinite where it diverges.
  using Loss = std::function<double(double batch_size, double lr)>;

  static constexpr double kMiddleBatchSize = 512;

  explicit SimulatedTraining(Loss loss) : loss_(std::move(loss)) {
    const double best = optimum(kMiddleBatchSize);
    scale_ = 0.015 / (loss_(kMiddleBatchSize, 0.5 * best) - loss_(kMiddleBatchSize, best));
  }

  // By a scan over ln lr, once for each batch size.
  double optimum(double batch_size) const {
    const auto [known, is_new] = optima_.try_emplace(batch_size, 0.0);
    double& best = known->second;
    double least = std::numeric_limits<double>::infinity();
    for (double x = -16; is_new && x < 3; x += 0.02) {
      const double loss = loss_(batch_size, std::exp(x));
      if (loss < least) std::tie(least, best) = std::pair(loss, std::exp(x));
    }
    return best;
  }

  double excess(double batch_size, double lr) const {
    return scale_ * (loss_(batch_size, lr) - loss_(batch_size, optimum(batch_size)));
  }

  // One run; empty where it diverges.
  std::optional<double> run(double batch_size, double lr, RandomStream& stream) const {
    const double excess = this->excess(batch_size, lr);
    if (!std::isfinite(excess)) return std::nullopt;
    return 2.0 + scale_ * loss_(batch_size, optimum(batch_size)) + excess +
           (0.0015 + 0.1 * excess) * stream.normal();
  }

 private:
  Loss loss_;
  mutable std::map<double, double> optima_;
  double scale_ = 1.0;
};

inline double between(RandomStream& stream, double low, double high) {
  return low + (high - low) * stream.uniform();
}

// Plain SGD on the noisy quadratic, of a random number of examples.
inline SimulatedTraining random_quadratic(std::uint64_t seed) {
  RandomStream stream(seed, "random quadratic");
  const KnownQuadratic model{std::exp2(between(stream, 14, 19))};
  return SimulatedTraining([model](double b, double lr) { return model.loss(b, lr); });
}

// An asymmetric bowl around η* = A·x^p / (1 + x)^(p + q), x = B/B0, with a cliff above.
inline SimulatedTraining random_bowl(std::uint64_t seed) {
  RandomStream stream(seed, "random bowl");
  const double p = between(stream, 0, 1), q = between(stream, -0.1, 0.4);
  const double turn = std::exp2(between(stream, 7, 13));
  const double lr = std::exp2(between(stream, -12, -5));
  const double skew = between(stream, 0.2, 1.0);
  const double cliff = std::exp2(between(stream, 1.5, 5));
  return SimulatedTraining([=](double batch_size, double at) {
    const double x = batch_size / turn;
    const double best = lr * std::pow(x, p) / std::pow(1 + x, p + q);
    if (at > cliff * best) return std::numeric_limits<double>::infinity();
    const double z = skew * std::log(at / best);
    return std::pow(x, 0.2) + (std::expm1(z) - z) / (skew * skew);
  });
}

}  // namespace etalon::testing

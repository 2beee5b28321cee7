#include "advice/synthetic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <optional>

#include "core/random.hpp"
#include "etalon/quadratic.hpp"

namespace etalon::bench {
namespace {

constexpr int kBatchSizes = 10;
constexpr double kFirstBatchSize = 32.0;
constexpr int kLrs = 12;
constexpr double kRiseAtOneOctave = 0.015;
constexpr double kNoise = 0.0015;
constexpr double kRelativeNoise = 0.1;  // per unit of excess

// Expected loss at (B, η), up to scale; empty where training diverges.
using Truth = std::function<std::optional<double>(double, double)>;

double between(RandomStream& stream, double low, double high) {
  return low + (high - low) * stream.uniform();
}

// The least loss over η at one batch size, and where: a scan over ln η.
std::pair<double, double> optimum(const Truth& truth, double batch_size) {
  std::pair<double, double> best{std::numeric_limits<double>::infinity(), 0.0};
  for (double x = -25.0; x < 10.0; x += 0.02) {
    const std::optional<double> loss = truth(batch_size, std::exp(x));
    if (loss && *loss < best.first) best = {*loss, x};
  }
  return best;
}

double rise_below(const Truth& truth, double batch_size) {
  const auto [least, x] = optimum(truth, batch_size);
  return truth(batch_size, std::exp(x - std::numbers::ln2)).value_or(least) - least;
}

Setting measure(std::string name, UpdateKind update, const Truth& truth, RandomStream& stream) {
  Setting setting{std::move(name), "", update};
  const double middle = kFirstBatchSize * std::exp2(0.5 * kBatchSizes);
  const double scale = kRiseAtOneOctave / rise_below(truth, middle);
  const double center = optimum(truth, middle).second + between(stream, -1.5, 1.0);
  const double floor = between(stream, 1.5, 3.0);
  for (int i = 0; i < kBatchSizes; ++i) {
    const double batch_size = kFirstBatchSize * std::exp2(i);
    const double least = optimum(truth, batch_size).first;
    for (int j = 0; j < kLrs; ++j) {
      const double lr = std::exp(center + (j - 0.5 * kLrs) * 0.5 * std::numbers::ln2);
      Observation run{batch_size, lr, 0, std::nullopt};
      if (const std::optional<double> loss = truth(batch_size, lr)) {
        const double noise = kNoise + kRelativeNoise * scale * (*loss - least);
        run.loss = floor + scale * *loss + noise * stream.normal();
      }
      setting.runs[batch_size].push_back(run);
    }
  }
  return setting;
}

Truth random_quadratic(RandomStream& stream) {
  const double spectrum = between(stream, 0.8, 1.6);  // h_i = i^-spectrum
  const double noise_decay = between(stream, 0.7, 1.2);
  const double start_decay = between(stream, 0.0, 0.6);
  const double noise = std::exp2(between(stream, -2.0, 5.0));
  const double examples = std::exp2(between(stream, 17.0, 21.0));
  std::vector<QuadraticCoordinate> coordinates;
  for (double k = 0.0; k < 14.0; k += 1.0) {
    // Each k stands for the 2^k coordinates from 2^k on: their losses add up, and each is
    // proportional to start and variance together.
    const double i = 1.4 * std::exp2(k), many = std::exp2(k);
    const double h = std::min(1.0, std::pow(i, -spectrum));
    coordinates.push_back(
        {h, many * noise * std::pow(h, noise_decay), many * std::pow(i, -start_decay)});
  }
  return [examples, quadratic = NoisyQuadratic(coordinates)](double batch_size,
                                                             double lr) -> std::optional<double> {
    if (lr >= 2.0) return std::nullopt;
    return quadratic.expected_loss(batch_size, lr, examples / batch_size);
  };
}

Truth random_law(RandomStream& stream) {
  const double p = between(stream, 0.0, 1.1);
  const double q = between(stream, -0.2, 0.5);
  const double r = between(stream, 0.5, 2.0);
  const double turn = kFirstBatchSize * std::exp2(between(stream, 0.0, 9.0));
  const double skew = between(stream, 0.1, 1.2);
  const double bend = between(stream, -0.3, 0.3);  // of ln curvature, per unit of ln B
  const double climb = between(stream, 0.0, 0.6);  // of the floor
  const double cliff = std::exp2(between(stream, 1.5, 6.0));
  return [=](double batch_size, double lr) -> std::optional<double> {
    const double x = batch_size / turn;
    const double best = 1e-3 * std::pow(x, p) / std::pow(1.0 + std::pow(x, r), (p + q) / r);
    if (lr > cliff * best) return std::nullopt;
    const double z = skew * std::log(lr / best);
    const double bowl = (std::expm1(z) - z) / (skew * skew);
    return std::pow(x, climb) + std::pow(x, bend) * bowl;
  };
}

template <class Make>
std::vector<Setting> settings(std::string_view name, UpdateKind update, int count,
                              std::uint64_t seed, Make make) {
  std::vector<Setting> result;
  for (int i = 0; i < count; ++i) {
    RandomStream stream(seed, fmt::format("{}.{}", name, i));
    const Truth truth = make(stream);
    result.push_back(measure(fmt::format("{} {}", name, i), update, truth, stream));
  }
  return result;
}

}  // namespace

std::vector<Setting> noisy_quadratics(int count, std::uint64_t seed) {
  return settings("noisy quadratic", UpdateKind::sgd, count, seed, random_quadratic);
}

std::vector<Setting> rising_and_falling(int count, std::uint64_t seed) {
  return settings("rise and fall", UpdateKind::adaptive, count, seed, random_law);
}

}  // namespace etalon::bench

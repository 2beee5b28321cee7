#include "train/noise_probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/flush_denormals.hpp"
#include "core/random.hpp"
#include "model/parameters.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kChunk = 64;
constexpr std::int64_t kChunks = 64;

double squared_norm(std::span<const double> vector) {
  return std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0);
}

}  // namespace

NoiseProbe::NoiseProbe(const DataSplits& data, const ModelSpec& model, std::uint64_t seed)
    : data_(data),
      seed_(seed),
      gradient_(data, model, kChunk),
      chunk_(static_cast<std::size_t>(parameter_layout(model).size)),
      sum_(chunk_.size()) {}

std::optional<double> NoiseProbe::measure(std::span<const float> weights, std::int64_t step) {
  const FlushDenormals flush_denormals;
  RandomStream stream(seed_, fmt::format("noise scale {}", step));
  std::vector<std::uint32_t> indices(kChunk);
  std::fill(sum_.begin(), sum_.end(), 0.0);
  double small = 0.0;  // mean |g_i|²
  for (std::int64_t chunk = 0; chunk < kChunks; ++chunk) {
    for (std::uint32_t& index : indices) {
      index = stream.below(static_cast<std::uint32_t>(data_.train.size()));
    }
    gradient_.compute(weights.data(), indices, {chunk_.data(), 1.0f, false});
    double norm = 0.0;
    for (std::size_t i = 0; i < chunk_.size(); ++i) {
      const auto value = static_cast<double>(chunk_[i]);
      norm += value * value;
      sum_[i] += value;
    }
    small += norm / static_cast<double>(kChunks);
  }
  const double large = squared_norm(sum_) / static_cast<double>(kChunks * kChunks);
  const auto b = static_cast<double>(kChunk);
  const auto whole = static_cast<double>(kChunk * kChunks);
  const double gradient = (whole * large - b * small) / (whole - b);
  const double covariance = (small - large) / (1.0 / b - 1.0 / whole);
  if (!std::isfinite(gradient) || !std::isfinite(covariance)) return std::nullopt;
  const double share = ++state_.measurements == 1 ? 1.0 : 0.5;
  state_.gradient += share * (gradient - state_.gradient);
  state_.covariance += share * (covariance - state_.covariance);
  if (!(state_.gradient > 0.0 && state_.covariance >= 0.0)) return std::nullopt;
  return state_.covariance / state_.gradient;
}

}  // namespace etalon

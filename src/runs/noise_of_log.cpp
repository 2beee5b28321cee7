#include "runs/noise_of_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "noise/norm_fault.hpp"

namespace etalon {
namespace {

constexpr std::size_t kMostParts = 8, kLeastPairsOfPart = 20;

void note_extremes(NormTrend& trend, double squared_norm, bool is_first) {
  trend.least_squared_norm =
      is_first ? squared_norm : std::min(trend.least_squared_norm, squared_norm);
  trend.greatest_squared_norm =
      is_first ? squared_norm : std::max(trend.greatest_squared_norm, squared_norm);
}

NormTrend trend_of(const std::vector<NormPair>& pairs) {
  NormTrend trend;
  const auto count = static_cast<double>(pairs.size());
  bool is_first = true;
  for (const NormPair& pair : pairs) {
    trend.small_batch_size += pair.small_batch_size / count;
    trend.small_squared_norm += pair.small_squared_norm / count;
    trend.big_batch_size += pair.big_batch_size / count;
    trend.big_squared_norm += pair.big_squared_norm / count;
    note_extremes(trend, pair.small_squared_norm, std::exchange(is_first, false));
    note_extremes(trend, pair.big_squared_norm, false);
  }
  return trend;
}

NormTrend trend_of(const std::vector<BatchNorm>& norms, const NoiseLine& line) {
  const NormsAtBatchSize &small = line.batch_sizes.front(), &big = line.batch_sizes.back();
  NormTrend trend{small.batch_size, small.mean, big.batch_size, big.mean};
  for (const BatchNorm& norm : norms) {
    note_extremes(trend, norm.squared_norm, &norm == norms.data());
  }
  return trend;
}

NoiseScale scale_of(const std::vector<NormPair>& pairs, std::size_t begin, std::size_t end,
                    const NoiseScaleOptions& options) {
  NoiseScaleEstimator estimator;
  for (std::size_t i = begin; i < end; ++i) estimator.add(pairs[i]);
  return estimator.estimate(options);
}

std::string sizes_text(const std::vector<NormPair>& pairs, double NormPair::*size) {
  std::set<double> sizes;
  for (const NormPair& pair : pairs) sizes.insert(pair.*size);
  if (sizes.size() == 1) return fmt::format("{:.12g}", *sizes.begin());
  return fmt::format("{:.12g} to {:.12g}", *sizes.begin(), *sizes.rbegin());
}

std::vector<NoisePart> parts_of(const PairLog& log, const NoiseScaleOptions& options) {
  const std::size_t size = log.pairs.size();
  const std::size_t count = std::min(kMostParts, size / kLeastPairsOfPart);
  std::vector<NoisePart> parts;
  for (std::size_t k = 0; count >= 2 && k < count; ++k) {
    const std::size_t begin = k * size / count, end = (k + 1) * size / count;
    parts.push_back(
        {log.places[begin], log.places[end - 1], scale_of(log.pairs, begin, end, options)});
  }
  return parts;
}

std::vector<LayerNoise> layers_of(const PairLog& log, const NoiseScaleOptions& options) {
  std::vector<LayerNoise> layers;
  for (const LayerPairs& each : log.layers) {
    layers.push_back({each.layer, scale_of(each.pairs, 0, each.pairs.size(), options)});
  }
  return layers;
}

struct LogAnalysis {
  const std::string& source;
  const NoiseScaleOptions& options;

  NoiseOfLog operator()(const PairLog& log) const {
    NoiseOfLog of{
        scale_of(log.pairs, 0, log.pairs.size(), options),
        fmt::format("{} of norms, of {} and {} examples", counted(std::ssize(log.pairs), "pair"),
                    sizes_text(log.pairs, &NormPair::small_batch_size),
                    sizes_text(log.pairs, &NormPair::big_batch_size))};
    check_norms(trend_of(log.pairs), of.scale, source);
    if (log.pairs.size() < 2) {
      throw InputError("there is one pair of gradient norms", source,
                       "give at least 2, better 20: their spread is the error");
    }
    of.parts = parts_of(log, options);
    of.layers = layers_of(log, options);
    return of;
  }

  NoiseOfLog operator()(const SingleLog& log) const {
    const NoiseLine line = fit_line(log);
    NoiseOfLog of{line.scale, fmt::format("{} at {}", counted(std::ssize(log.norms), "norm"),
                                          counted(std::ssize(line.batch_sizes), "batch size"))};
    check_norms(trend_of(log.norms, line), of.scale, source);
    of.line = line.batch_sizes;
    of.p_value = line.p_value;
    return of;
  }

  NoiseOfLog operator()(const RatioLog& log) const {
    std::vector<double> ratios = log.ratios;
    if (ratios.empty()) {
      throw InputError("the column of noise scales holds no number", source, "log some first");
    }
    const auto middle = ratios.begin() + std::ssize(ratios) / 2;
    std::nth_element(ratios.begin(), middle, ratios.end());
    NoiseOfLog of{{}, fmt::format("the median of {}", counted(std::ssize(ratios), "logged ratio"))};
    if (*middle > 0.0) of.scale.value = *middle;
    of.scale.measurements = std::ssize(ratios);
    of.is_ratio = true;
    return of;
  }

 private:
  NoiseLine fit_line(const SingleLog& log) const {
    try {
      return fit_noise_line(log.norms, options);
    } catch (const InputError& error) {
      throw InputError(error.marked(), source, "");
    }
  }
};

}  // namespace

NoiseOfLog noise_of(const NormLog& log, const std::string& source,
                    const NoiseScaleOptions& options) {
  return std::visit(LogAnalysis{source, options}, log);
}

}  // namespace etalon

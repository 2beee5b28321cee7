#include "train/gradient_noise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/flush_denormals.hpp"
#include "core/random.hpp"
#include "train/put_examples.hpp"
#include "train/require.hpp"
#include "train/vector_sums.hpp"

namespace etalon {

namespace {

constexpr std::int64_t kMostExamples = 10'000'000;
constexpr std::int64_t kPool = 512;                            // of `variances`
constexpr std::int64_t kLeastBatches = 8, kMostBatches = 256;  // of one size there

// The mean of rows of `size` floats.
AlignedVector mean_row(std::span<const float> rows, std::size_t size) {
  const std::size_t count = rows.size() / size;
  std::vector<double> sums(size);
  for (std::size_t k = 0; k < count; ++k) add_row(rows.data() + k * size, sums.data(), size);
  AlignedVector mean(size);
  for (std::size_t i = 0; i < size; ++i) {
    mean[i] = static_cast<float>(sums[i] / static_cast<double>(count));
  }
  return mean;
}

// The first `count` of a random order of `indices`, which is left in them.
std::span<const std::uint32_t> shuffled(std::vector<std::uint32_t>& indices, std::int64_t count,
                                        RandomStream& stream) {
  for (std::int64_t i = 0; i < count; ++i) {
    const auto rest = static_cast<std::uint32_t>(std::ssize(indices) - i);
    std::swap(indices[static_cast<std::size_t>(i)],
              indices[static_cast<std::size_t>(i + stream.below(rest))]);
  }
  return {indices.data(), static_cast<std::size_t>(count)};
}

// "dense1" of "dense1.weights".
std::string layer_name(const Segment& segment) {
  return segment.name.substr(0, segment.name.find('.'));
}

// The place in the model of the layer of that name; 0 for one inside another.
std::size_t index_of(const std::string& name, const ModelSpec& model) {
  const auto found = std::ranges::find(model.layers, name, &LayerSpec::name);
  return found == model.layers.end() ? 0 : static_cast<std::size_t>(found - model.layers.begin());
}

std::vector<TrainedLayer> trained_layers(const ModelSpec& model) {
  std::vector<TrainedLayer> layers;
  for (const Segment& segment : parameter_layout(model).segments) {
    const auto begin = static_cast<std::size_t>(segment.offset);
    const std::string name = layer_name(segment);
    if (layers.empty() || layers.back().name != name) {
      layers.push_back({name, index_of(name, model), begin, begin});
    }
    layers.back().end = begin + static_cast<std::size_t>(segment.size);
  }
  return layers;
}

// Of all layers together.
std::vector<GradientGroup> summed(const std::vector<std::vector<GradientGroup>>& layers) {
  std::vector<GradientGroup> whole(layers.front().size());
  for (const auto& groups : layers) {
    for (std::size_t k = 0; k < whole.size(); ++k) {
      whole[k].small_squared_norm += groups[k].small_squared_norm;
      whole[k].squared_norm += groups[k].squared_norm;
      whole[k].dot_with_mean += groups[k].dot_with_mean;
    }
  }
  return whole;
}

}  // namespace

void GradientNoiseOptions::validate() const {
  require(examples >= 2 * kGroups && examples <= kMostExamples && examples % kGroups == 0,
          "noise_examples", static_cast<double>(examples), "a multiple of 32 in [64, 10^7]");
  scale.validate();
}

GradientNoise::GradientNoise(const DataSplits& data, const ModelSpec& model, std::uint64_t seed,
                             const GradientNoiseOptions& options)
    : data_(data),
      model_(model),
      seed_(seed),
      options_((options.validate(), options)),
      group_size_(options.examples / GradientNoiseOptions::kGroups),
      layers_(trained_layers(model)),
      parameters_(layers_.back().end),
      group_(model, group_size_, Network::Mode::training),
      norms_(static_cast<std::size_t>(group_size_)) {
  if (!group_.knows_example_norms()) one_.emplace(model, 1, Network::Mode::training);
}

std::optional<MeasuredNoise> GradientNoise::measure(std::span<const float> weights,
                                                    std::int64_t step, const StopFlag& stop) {
  const FlushDenormals flush_denormals;
  RandomStream stream(seed_, fmt::format("gradient noise {}", step));
  std::vector<std::uint32_t> indices(static_cast<std::size_t>(options_.examples));
  const auto size = static_cast<std::uint32_t>(data_.train.size());
  for (std::uint32_t& index : indices) index = stream.below(size);
  const auto groups = compute_groups(weights, indices, stop);
  if (!groups) return std::nullopt;
  MeasuredNoise noise;
  noise.whole = scale_of(summed(groups->layers));
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    noise.layers.push_back({layers_[i].name, scale_of(groups->layers[i])});
  }
  return noise;
}

NoiseScale GradientNoise::scale_of(const std::vector<GradientGroup>& groups) const {
  return estimate_noise_scale(groups, 1.0, static_cast<double>(group_size_), options_.scale);
}

std::optional<GradientNoise::Groups> GradientNoise::compute_groups(
    std::span<const float> weights, std::span<const std::uint32_t> indices, const StopFlag& stop) {
  const auto size = static_cast<std::size_t>(group_size_);
  const std::size_t count = indices.size() / size;
  Groups groups{std::vector(layers_.size(), std::vector<GradientGroup>(count)), {}};
  AlignedVector gradients(count * parameters_);
  const std::span<float> rows(gradients);
  for (std::size_t k = 0; k < count; ++k) {
    if (stop.requested()) return std::nullopt;
    compute_group(weights, indices.subspan(k * size, size),
                  rows.subspan(k * parameters_, parameters_), groups, k);
  }
  groups.mean = mean_row(gradients, parameters_);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const std::size_t begin = layers_[i].begin, length = layers_[i].end - begin;
    const auto mean = std::span<const float>(groups.mean).subspan(begin, length);
    for (std::size_t k = 0; k < count; ++k) {
      const auto row = rows.subspan(k * parameters_ + begin, length);
      groups.layers[i][k].squared_norm = dot_product(row, row);
      groups.layers[i][k].dot_with_mean = dot_product(row, mean);
    }
  }
  return groups;
}

// Leaves the group's mean gradient in `gradient`.
void GradientNoise::compute_group(std::span<const float> weights,
                                  std::span<const std::uint32_t> indices, std::span<float> gradient,
                                  Groups& groups, std::size_t group) {
  if (one_) return compute_each(weights, indices, gradient, groups, group);
  run(group_, weights, indices, {gradient.data(), 1.0f, false});
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    std::fill(norms_.begin(), norms_.end(), 0.0);
    group_.add_example_norms(layers_[i].index, norms_);
    groups.layers[i][group].small_squared_norm =
        std::accumulate(norms_.begin(), norms_.end(), 0.0) / static_cast<double>(group_size_);
  }
}

void GradientNoise::compute_each(std::span<const float> weights,
                                 std::span<const std::uint32_t> indices, std::span<float> gradient,
                                 Groups& groups, std::size_t group) {
  const auto share = 1.0f / static_cast<float>(group_size_);
  AlignedVector alone(parameters_);
  std::fill(gradient.begin(), gradient.end(), 0.0f);
  for (std::size_t n = 0; n < indices.size(); ++n) {
    run(*one_, weights, indices.subspan(n, 1), {alone.data(), 1.0f, false});
    for (std::size_t j = 0; j < parameters_; ++j) gradient[j] += share * alone[j];
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const std::size_t begin = layers_[i].begin, length = layers_[i].end - begin;
      const auto part = std::span<const float>(alone).subspan(begin, length);
      groups.layers[i][group].small_squared_norm +=
          dot_product(part, part) / static_cast<double>(group_size_);
    }
  }
}

void GradientNoise::run(Network& network, std::span<const float> weights,
                        std::span<const std::uint32_t> indices, const GradientSink& sink) const {
  put_examples(data_.train, data_.normalization, indices, network);
  network.forward(weights.data());
  network.loss_and_backward(weights.data(), sink);
}

std::vector<GradientVariance> GradientNoise::variances(std::span<const float> weights,
                                                       std::int64_t step, const StopFlag& stop) {
  const FlushDenormals flush_denormals;
  const auto size = static_cast<std::int64_t>(data_.train.size());
  const std::int64_t pool =
      std::min(std::max(kPool, group_size_), size) / group_size_ * group_size_;
  if (pool < 2 * group_size_ && pool < size) return {};
  RandomStream stream(seed_, fmt::format("gradient variance {}", step));
  std::vector<std::uint32_t> indices = random_permutation(static_cast<std::uint32_t>(size), stream);
  indices.resize(static_cast<std::size_t>(pool));
  const auto groups = compute_groups(weights, indices, stop);
  if (!groups) return {};
  const auto whole = summed(groups->layers);
  double trace = -dot_product(groups->mean, groups->mean);
  for (const GradientGroup& group : whole) {
    trace += group.small_squared_norm / static_cast<double>(whole.size());
  }
  std::vector<GradientVariance> all;
  for (std::int64_t batch_size = 1; batch_size <= pool / 2; batch_size *= 2) {
    const auto b = static_cast<double>(batch_size), n = static_cast<double>(pool);
    all.push_back({batch_size, std::clamp(pool / batch_size, kLeastBatches, kMostBatches), 0.0, 0.0,
                   trace / b * (n - b) / (n - 1.0), trace / b});
    measure_variance(weights, indices, groups->mean, stream, all.back(), stop);
  }
  return all;
}

void GradientNoise::measure_variance(std::span<const float> weights,
                                     std::vector<std::uint32_t>& pool, const AlignedVector& mean,
                                     RandomStream& stream, GradientVariance& at,
                                     const StopFlag& stop) const {
  Network network(model_, at.batch_size, Network::Mode::training);
  AlignedVector gradient(parameters_);
  double sum = 0.0, squares = 0.0;
  for (std::int64_t k = 0; k < at.batches && !stop.requested(); ++k) {
    run(network, weights, shuffled(pool, at.batch_size, stream), {gradient.data(), 1.0f, false});
    const double distance = squared_distance(gradient, mean);
    sum += distance, squares += distance * distance;
  }
  const auto count = static_cast<double>(at.batches);
  at.measured = sum / count;
  const double variance = std::max(0.0, squares / count - at.measured * at.measured);
  at.standard_error = std::sqrt(variance / (count - 1.0));
}

}  // namespace etalon

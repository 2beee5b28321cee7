// Batch norm and group norm. Both take their statistics from sums over a region, the pixels of some
// examples, for each channel: a batch norm's regions are ghost batches, a group norm's are single
// examples, whose channels it then puts together group by group.
#include <algorithm>
#include <cmath>

#include "nn/channel_passes.hpp"
#include "nn/layer_support.hpp"
#include "nn/layers.hpp"
#include "nn/running_statistics.hpp"

namespace etalon {

namespace {

constexpr double kEpsilon = 1e-5;  // added to variances

class ChannelNorm final : public Layer {
 public:
  ChannelNorm(const LayerSpec& layer, const LayerContext& context, const float* src)
      : spec_(std::get<NormSpec>(layer.kind)),
        context_(context),
        channels_(layer.in.channels),
        pixels_(layer.in.pixels()),
        is_batch_(spec_.kind == NormSpec::Kind::batch),
        channels_together_(is_batch_ ? 1 : channels_ / spec_.groups),
        region_examples_(examples_of_region(spec_, context)),
        src_(src),
        passes_(channels_),
        offset_(layer.offset),
        statistics_(context.statistics + layer.statistics_offset),
        running_(layer.in.channels) {
    dst_.resize(context.size(layer.in));
    const auto regions = static_cast<std::size_t>(region_count() * channels_);
    means_.resize(regions);
    inverses_.resize(regions);
    for (auto* values : {&scale_, &shift_, &of_diff_, &of_src_, &constant_}) {
      values->resize(channel_count());
    }
    for (auto* values : {&sums_, &squares_, &gain_sums_, &shift_sums_}) {
      values->resize(channel_count());
    }
  }

  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = diff_dst;
    if (need_diff_src) diff_src_.resize(dst_.size());
  }

  bool knows_example_norms() const override { return false; }

  void forward(const float* weights) override {
    for (std::int64_t region = 0; region < region_count(); ++region) {
      if (is_batch_ && !context_.training) {
        take_running_statistics(weights);
      } else {
        measure(region);
      }
      normalize(weights, region);
    }
  }

  void update_statistics(float* weights) override { running_.update(weights + statistics_); }

  void backward(const float* weights, const GradientSink& sink) override {
    std::ranges::fill(gain_sums_, 0.0);
    std::ranges::fill(shift_sums_, 0.0);
    for (std::int64_t region = 0; region < region_count(); ++region) {
      backward_region(weights, region);
    }
    deposit_sums(gain_sums_, offset_, sink);
    deposit_sums(shift_sums_, offset_ + channels_, sink);
  }

 private:
  static std::int64_t examples_of_region(const NormSpec& spec, const LayerContext& context) {
    if (spec.kind == NormSpec::Kind::group) return 1;
    const bool whole = spec.ghost == 0 || !context.training;
    return whole ? context.batch_size : std::min(spec.ghost, context.batch_size);
  }
  std::size_t channel_count() const { return static_cast<std::size_t>(channels_); }
  std::int64_t region_count() const {
    return (context_.batch_size + region_examples_ - 1) / region_examples_;
  }
  // The last ghost batch may be smaller.
  std::int64_t rows_of(std::int64_t region) const {
    const std::int64_t first = region * region_examples_;
    const std::int64_t examples = std::min(region_examples_, context_.batch_size - first);
    return examples * pixels_;
  }
  std::int64_t start_of(std::int64_t region) const {
    return region * region_examples_ * pixels_ * channels_;
  }

  void take_running_statistics(const float* weights) {
    const float* means = weights + statistics_;
    for (std::size_t c = 0; c < channel_count(); ++c) {
      means_[c] = means[c];
      inverses_[c] = inverse_deviation(static_cast<double>(means[channel_count() + c]));
    }
  }
  static float inverse_deviation(double variance) {
    return static_cast<float>(1.0 / std::sqrt(variance + kEpsilon));
  }

  void measure(std::int64_t region) {
    std::ranges::fill(sums_, 0.0);
    std::ranges::fill(squares_, 0.0);
    const std::int64_t rows = rows_of(region);
    const float* src = src_ + start_of(region);
    passes_.add_moments(src, rows, sums_.data(), squares_.data());
    for (std::int64_t first = 0; first < channels_; first += channels_together_) {
      settle(region, first, src, static_cast<double>(rows));
    }
    if (is_batch_) running_.count_region();
  }

  // Mean and deviation of the channels from `first` on that are taken together.
  void settle(std::int64_t region, std::int64_t first, const float* origins, double count) {
    double mean = 0.0, square = 0.0;
    for (std::int64_t c = first; c < first + channels_together_; ++c) {
      const auto i = static_cast<std::size_t>(c);
      const double origin = static_cast<double>(origins[c]), channel = sums_[i] / count;
      mean += origin + channel;
      square += squares_[i] / count - channel * channel + (origin + channel) * (origin + channel);
    }
    const auto together = static_cast<double>(channels_together_);
    mean /= together;
    double variance = square / together - mean * mean;
    if (channels_together_ == 1) {  // without the round trip through the origin
      const auto i = static_cast<std::size_t>(first);
      variance = (squares_[i] - sums_[i] * sums_[i] / count) / count;
    }
    variance = std::max(variance, 0.0);
    for (std::int64_t c = first; c < first + channels_together_; ++c) {
      const auto i = static_cast<std::size_t>(region * channels_ + c);
      means_[i] = static_cast<float>(mean);
      inverses_[i] = inverse_deviation(variance);
    }
    if (is_batch_) running_.note(static_cast<std::size_t>(first), mean, variance, count);
  }

  void normalize(const float* weights, std::int64_t region) {
    const std::int64_t start = start_of(region);
    set_map(weights, region);
    passes_.map(src_ + start, dst_.data() + start, rows_of(region));
  }

  void set_map(const float* weights, std::int64_t region) {
    const float* gain = weights + offset_;
    const float* shift = gain + channels_;
    const auto base = static_cast<std::size_t>(region * channels_);
    const bool fixed = is_batch_ && !context_.training;
    for (std::size_t c = 0; c < channel_count(); ++c) {
      const std::size_t i = fixed ? c : base + c;
      scale_[c] = gain[c] * inverses_[i];
      shift_[c] = shift[c] - means_[i] * scale_[c];
    }
    passes_.set_map(scale_.data(), shift_.data(), spec_.activation == Activation::relu);
  }

  // With g the gradient of the loss by gain·x̂: diff_src = (g - mean(g) - x̂·mean(g·x̂)) / deviation,
  // means over what shares the statistics.
  void backward_region(const float* weights, std::int64_t region) {
    std::ranges::fill(sums_, 0.0);
    std::ranges::fill(squares_, 0.0);
    const auto base = static_cast<std::size_t>(region * channels_);
    const std::int64_t start = start_of(region);
    const std::int64_t rows = rows_of(region);
    set_map(weights, region);
    passes_.add_gradient_moments(src_ + start, diff_dst_ + start, rows, means_.data() + base,
                                 sums_.data(), squares_.data());
    for (std::size_t c = 0; c < channel_count(); ++c) {
      squares_[c] *= static_cast<double>(inverses_[base + c]);  // Σ diff_dst·x̂
      gain_sums_[c] += squares_[c];
      shift_sums_[c] += sums_[c];
    }
    if (diff_src_.empty()) return;
    for (std::int64_t first = 0; first < channels_; first += channels_together_) {
      set_coefficients(weights + offset_, base, first, static_cast<double>(rows));
    }
    passes_.combine(src_ + start, diff_dst_ + start, diff_src_.data() + start, rows,
                    of_diff_.data(), of_src_.data(), constant_.data());
  }

  void set_coefficients(const float* gain, std::size_t base, std::int64_t first, double count) {
    double mean = 0.0, product = 0.0;
    for (std::int64_t c = first; c < first + channels_together_; ++c) {
      const auto i = static_cast<std::size_t>(c);
      mean += static_cast<double>(gain[c]) * sums_[i];
      product += static_cast<double>(gain[c]) * squares_[i];
    }
    count *= static_cast<double>(channels_together_);
    mean /= count, product /= count;
    for (std::int64_t c = first; c < first + channels_together_; ++c) {
      const auto i = static_cast<std::size_t>(c);
      const auto inverse = static_cast<double>(inverses_[base + i]);
      const double slope = -inverse * inverse * product;
      of_diff_[i] = static_cast<float>(inverse) * gain[c];
      of_src_[i] = static_cast<float>(slope);
      constant_[i] =
          static_cast<float>(-inverse * mean - slope * static_cast<double>(means_[base + i]));
    }
  }

  void deposit_sums(const std::vector<double>& sums, std::int64_t offset,
                    const GradientSink& sink) {
    std::ranges::transform(sums, scale_.begin(),
                           [](double sum) { return static_cast<float>(sum); });
    deposit(scale_.data(), channels_, offset, sink);
  }

  const NormSpec spec_;
  const LayerContext context_;
  const std::int64_t channels_, pixels_;
  const bool is_batch_;
  const std::int64_t channels_together_, region_examples_;
  const float* const src_;
  ChannelPasses passes_;
  const std::int64_t offset_, statistics_;
  AlignedVector means_, inverses_;             // (regions, C): mean, and 1 / deviation
  AlignedVector scale_, shift_;                // (C), forward
  AlignedVector of_diff_, of_src_, constant_;  // (C), backward
  std::vector<double> sums_, squares_, gain_sums_, shift_sums_;  // (C)
  RunningStatistics running_;
  const float* diff_dst_ = nullptr;
};

}  // namespace

std::unique_ptr<Layer> make_channel_norm(const LayerSpec& layer, const LayerContext& context,
                                         float* src) {
  return std::make_unique<ChannelNorm>(layer, context, src);
}

}  // namespace etalon

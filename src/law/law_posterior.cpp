#include "law/law_posterior.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numbers>
#include <utility>

namespace etalon {
namespace {

constexpr int kDraws = 3000;
// Standard deviation of ln η* about any of these laws, which are simplifications: it is not known
// either, and drawn with the coefficients. The median of its logarithm's normal prior, and its
// deviation.
constexpr double kMisfit = 0.12;
constexpr double kMisfitSpread = 0.7;
// Of ln A about the mean of the optima: three natural units, twenty-fold either way.
constexpr double kInterceptVariance = 9.0;
// Of an interior optimum that the data do not bound on both sides.
constexpr double kUnboundedDeviation = 0.7;
// Batch sizes nearer than this in ln B are the same.
constexpr double kSame = 1e-6;

struct WeightedValue {
  double value;
  double weight;
};

// An interval ends at the draw beyond its quantile: so few draws may carry the weight that it would
// be a point otherwise, and what lies between two draws is not resolved.
Coefficient summarize(std::string name, std::vector<WeightedValue> values, double total,
                      double level) {
  std::sort(values.begin(), values.end(),
            [](const WeightedValue& a, const WeightedValue& b) { return a.value < b.value; });
  const auto place = [&](double probability) {
    double sum = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      sum += values[i].weight;
      if (sum >= probability * total) return i;
    }
    return values.size() - 1;
  };
  const std::size_t low = place(0.5 - 0.5 * level), high = place(0.5 + 0.5 * level);
  return {std::move(name), values[place(0.5)].value, values[low == 0 ? 0 : low - 1].value,
          values[std::min(high + 1, values.size() - 1)].value};
}

}  // namespace

std::vector<OptimumPoint> to_points(std::span<const Optimum> optima, double level) {
  const double quantile = boost::math::quantile(boost::math::normal(), 0.5 + 0.5 * level);
  std::vector<OptimumPoint> points;
  for (const Optimum& optimum : optima) {
    if (optimum.censored == Censoring::both) continue;
    double deviation = kUnboundedDeviation;
    if (optimum.lr_low && optimum.lr_high) {
      deviation = 0.5 * std::log(*optimum.lr_high / *optimum.lr_low) / quantile;
    }
    points.push_back({std::log(optimum.batch_size), std::log(optimum.lr), deviation * deviation,
                      optimum.censored});
  }
  std::sort(points.begin(), points.end(), [](const OptimumPoint& a, const OptimumPoint& b) {
    return a.log_batch_size < b.log_batch_size;
  });
  return points;
}

LawPosterior::LawPosterior(const LawForm& form, std::span<const OptimumPoint> points,
                           const LawOptions& options)
    : form_(&form), points_(points.begin(), points.end()) {
  draw_shapes(options);
}

void LawPosterior::draw_shapes(const LawOptions& options) {
  double center = 0.0;
  double height = 0.0;
  for (const OptimumPoint& point : points_) {
    center += point.log_batch_size / static_cast<double>(points_.size());
    height += point.log_lr / static_cast<double>(points_.size());
  }
  RandomStream stream(options.seed, fmt::format("laws.{}", form_->name));
  double first = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const LawShape shape = form_->draw(center, stream);
    double log_first = 0.0;
    double log_all = 0.0;
    const double misfit = kMisfit * std::exp(kMisfitSpread * stream.normal());
    Draw draw = weigh(shape, misfit, height - form_->value(shape, center), log_first, log_all);
    draw.weight = std::exp(log_all);
    first += std::exp(log_first);
    total_weight_ += draw.weight;
    draw.drawn_intercept = draw.intercept + std::sqrt(draw.intercept_variance) * stream.normal();
    draws_.push_back(draw);
  }
  log_held_out_ = std::log(total_weight_ / kDraws + 1e-300) - std::log(first / kDraws + 1e-300);
}

LawPosterior::Draw LawPosterior::weigh(const LawShape& shape, double misfit, double prior_intercept,
                                       double& log_first, double& log_all) const {
  double mean = prior_intercept;
  double variance = kInterceptVariance;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const OptimumPoint& point = points_[i];
    if (i == first_held_out(points_.size())) log_first = log_all;
    const double own = point.variance + misfit * misfit;
    const double residual = point.log_lr - form_->value(shape, point.log_batch_size);
    const double total = variance + own;
    const double z = (residual - mean) / std::sqrt(total);
    if (point.censored == Censoring::none) {
      log_all -= 0.5 * (z * z + std::log(2.0 * std::numbers::pi * total));
      mean += variance / total * (residual - mean);
      variance *= own / total;
    } else {
      const double inside = point.censored == Censoring::below ? z : -z;
      log_all += std::log(0.5 * std::erfc(-inside / std::sqrt(2.0)) + 1e-9);
    }
  }
  return {shape, misfit, mean, variance, mean, 0.0};
}

std::vector<Coefficient> LawPosterior::coefficients(double level) const {
  std::vector<WeightedValue> intercepts, exponents, turns;
  for (const Draw& draw : draws_) {
    intercepts.push_back({std::exp(draw.drawn_intercept), draw.weight});
    exponents.push_back({draw.shape.p, draw.weight});
    turns.push_back({std::exp(draw.shape.log_b0), draw.weight});
  }
  std::vector<Coefficient> result = {summarize("A", std::move(intercepts), total_weight_, level)};
  if (form_->has_exponent) {
    result.push_back(summarize("p", std::move(exponents), total_weight_, level));
  }
  if (form_->has_turn) {
    result.push_back(summarize("B0", std::move(turns), total_weight_, level));
  }
  return result;
}

std::vector<LawPosterior::Sample> LawPosterior::draw(std::size_t count,
                                                     RandomStream& stream) const {
  const double spacing = total_weight_ / static_cast<double>(count);
  double next = spacing * stream.uniform();
  double passed = 0.0;
  std::vector<Sample> samples;
  for (const Draw& draw : draws_) {
    for (passed += draw.weight; next < passed && samples.size() < count; next += spacing) {
      const double intercept =
          draw.intercept + std::sqrt(draw.intercept_variance) * stream.normal();
      samples.push_back({draw.shape, intercept, draw.misfit, stream.normal()});
    }
  }
  while (samples.size() < count) samples.push_back(samples.back());  // rounding of the last step
  return samples;
}

std::vector<double> LawPosterior::optima_of(std::span<const Sample> samples,
                                            double log_batch_size) const {
  const auto measured =
      std::find_if(points_.begin(), points_.end(), [&](const OptimumPoint& point) {
        return point.censored == Censoring::none &&
               std::abs(point.log_batch_size - log_batch_size) < kSame;
      });
  std::vector<double> optima;
  for (const Sample& sample : samples) {
    double mean = sample.intercept + form_->value(sample.shape, log_batch_size);
    double variance = sample.misfit * sample.misfit;
    if (measured != points_.end()) {
      const double share = variance / (variance + measured->variance);
      mean += share * (measured->log_lr - mean);
      variance *= 1.0 - share;
    }
    optima.push_back(mean + std::sqrt(variance) * sample.deviate);
  }
  return optima;
}

}  // namespace etalon

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etalon/advice.hpp"
#include "etalon/error.hpp"
#include "surface/fitted_surface.hpp"

namespace etalon {
namespace {

constexpr SamplingOptions kSampling = {.chains = 4, .draws_per_chain = 100, .seed = 1};

SamplingOptions sampling(const AdviceOptions& options) {
  SamplingOptions result = kSampling;
  result.seed = options.seed;
  return result;
}

}  // namespace

void AdviceOptions::validate() const {
  if (!(level > 0.0 && level < 1.0)) {
    throw InputError(fmt::format("level = {} is not in (0, 1)", level), "AdviceOptions",
                     "give a coverage such as 0.8");
  }
}

class Advisor::State {
 public:
  State(std::span<const Observation> observations, const AdviceOptions& options)
      : options_(options), surface_(observations, options.update, sampling(options)) {}

  Forecast forecast(double batch_size) const;
  double expected_regret(double batch_size, double lr) const;
  double next_lr(double batch_size, std::span<const double> pending) const;

 private:
  std::vector<double> candidates(double batch_size, std::span<const double> pending) const;

  AdviceOptions options_;
  FittedSurface surface_;
};

Forecast Advisor::State::forecast(double batch_size) const {
  return make_forecast(surface_, surface_.curves_at(batch_size), batch_size, options_);
}

double Advisor::State::expected_regret(double batch_size, double lr) const {
  const StandardizedSweep& sweep = surface_.sweep();
  const PredictiveCurves curves = surface_.curves_at(batch_size);
  return sweep.loss_scale *
         (regret_at(curves, sweep.v_of(lr)) + hidden_gain(curves, options_.seed));
}

// The learning rates of the nearest batch size, continued both ways at their spacing.
std::vector<double> Advisor::State::candidates(double batch_size,
                                               std::span<const double> pending) const {
  const StandardizedSweep& sweep = surface_.sweep();
  const double spacing = surface_.spacing();
  std::vector<double> taken;
  for (const double lr : pending) taken.push_back(sweep.v_of(lr));
  if (const auto here = surface_.tried().find(batch_size); here != surface_.tried().end()) {
    for (const double lr : here->second) taken.push_back(sweep.v_of(lr));
  }
  const std::vector<double> everywhere = surface_.grid(batch_size);
  const double anchor = sweep.v_of(surface_.tried().at(surface_.nearest(batch_size)).front());
  const auto first = static_cast<int>(std::floor((everywhere.front() - anchor) / spacing));
  const auto last = static_cast<int>(std::ceil((everywhere.back() - anchor) / spacing));
  std::vector<double> result;
  for (int i = first; i <= last; ++i) {
    const double v = anchor + i * spacing;
    const bool is_taken = std::any_of(taken.begin(), taken.end(), [&](double other) {
      return std::abs(other - v) < 0.7 * spacing;
    });
    if (!is_taken) result.push_back(v);
  }
  return result;
}

double Advisor::State::next_lr(double batch_size, std::span<const double> pending) const {
  const PredictiveCurves curves = surface_.curves_over(batch_size, candidates(batch_size, pending));
  return surface_.sweep().lr_of(curves.v[static_cast<std::size_t>(best_row(curves))]);
}

Advisor::Advisor(std::span<const Observation> observations, const AdviceOptions& options) {
  options.validate();
  check_observations(observations);
  state_ = std::make_unique<const State>(observations, options);
}

Advisor::~Advisor() = default;
Advisor::Advisor(Advisor&&) noexcept = default;
Advisor& Advisor::operator=(Advisor&&) noexcept = default;

Forecast Advisor::forecast(double batch_size) const { return state_->forecast(batch_size); }

double Advisor::expected_regret(double batch_size, double lr) const {
  return state_->expected_regret(batch_size, lr);
}

double Advisor::next_lr(double batch_size, std::span<const double> pending) const {
  return state_->next_lr(batch_size, pending);
}

}  // namespace etalon

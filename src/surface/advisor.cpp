#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/interval.hpp"
#include "etalon/advice.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "surface/acting_rates.hpp"
#include "surface/fitted_surface.hpp"

namespace etalon {
namespace {

// Learning rates nearer than this share of their spacing are too close to tell apart.
constexpr double kClose = 0.7;

// Time and memory grow with the square of how many are compared.
constexpr std::size_t kMostCandidates = 1000;

std::vector<double> every_other(const std::vector<double>& values) {
  std::vector<double> result;
  for (std::size_t i = 0; i < values.size(); i += 2) result.push_back(values[i]);
  return result;
}

SamplingOptions sampling(const AdviceOptions& options) {
  SamplingOptions result;
  result.seed = options.seed;
  return result;
}

}  // namespace

void AdviceOptions::validate() const {
  check_level(level);
  if (start) {
    check_in("start.beta2", start->beta2, kDecayCoefficient);
    check_in("start.examples", start->examples, kPositive);
  }
  if (!exponent) return;
  check_in("exponent.mean", exponent->mean, {});
  check_in("exponent.deviation", exponent->deviation, kPositive);
}

class Advisor::State {
 public:
  State(std::span<const Observation> observations, const AdviceOptions& options,
        std::span<const LossBound> bounds)
      : options_(options),
        surface_(acting(observations, options.start), options.update, sampling(options), nullptr,
                 acting(bounds, options.start), options.exponent) {}

  Forecast forecast(double batch_size) const;
  double expected_regret(double batch_size, double lr) const;
  RegretForecast regret(double batch_size, double lr) const;
  double next_lr(double batch_size, std::span<const double> pending) const;

 private:
  std::vector<double> candidates(double batch_size, double spacing,
                                 const std::vector<double>& taken) const;

  AdviceOptions options_;
  FittedSurface surface_;
};

Forecast Advisor::State::forecast(double batch_size) const {
  return as_set(
      BatchSizeAdvice(surface_, surface_.curves_at(batch_size), batch_size, options_).forecast(),
      options_.start);
}

double Advisor::State::expected_regret(double batch_size, double lr) const {
  return BatchSizeAdvice(surface_, surface_.curves_at(batch_size), batch_size, options_)
      .expected_regret(lr * gain_at(options_.start, batch_size));
}

RegretForecast Advisor::State::regret(double batch_size, double lr) const {
  const double gain = gain_at(options_.start, batch_size);
  RegretForecast result =
      BatchSizeAdvice(surface_, surface_.curves_at(batch_size), batch_size, options_)
          .regret(lr * gain);
  result.lr = lr;
  return result;
}

// The learning rates of the nearest batch size, continued both ways at `spacing`, less those close
// to one of `taken`, which ascend.
std::vector<double> Advisor::State::candidates(double batch_size, double spacing,
                                               const std::vector<double>& taken) const {
  const std::vector<double> everywhere = surface_.grid(batch_size);
  const double anchor =
      surface_.sweep().v_of(surface_.tried().at(surface_.nearest(batch_size)).front());
  std::vector<double> result;
  for (double i = std::ceil((everywhere.front() - anchor) / spacing);
       anchor + i * spacing <= everywhere.back(); ++i) {
    const double v = anchor + i * spacing;
    const auto other = std::lower_bound(taken.begin(), taken.end(), v - kClose * spacing);
    if (other == taken.end() || *other > v + kClose * spacing) result.push_back(v);
  }
  return result;
}

double Advisor::State::next_lr(double batch_size, std::span<const double> pending) const {
  const StandardizedSweep& sweep = surface_.sweep();
  std::vector<double> taken;
  const double gain = gain_at(options_.start, batch_size);
  for (const double lr : pending) taken.push_back(sweep.v_of(lr * gain));
  if (const auto here = surface_.tried().find(batch_size); here != surface_.tried().end()) {
    for (const double lr : here->second) taken.push_back(sweep.v_of(lr));
  }
  std::sort(taken.begin(), taken.end());
  std::vector<double> free;
  for (double spacing = surface_.spacing(); free.empty(); spacing *= 0.5) {
    free = candidates(batch_size, spacing, taken);
  }
  while (free.size() > kMostCandidates) free = every_other(free);
  const PredictiveCurves curves = surface_.curves_over(batch_size, std::move(free));
  const auto best = static_cast<std::size_t>(ExpectedRegrets(curves).best_row());
  return sweep.lr_of(curves.v[best]) / gain;
}

Advisor::Advisor(std::span<const Observation> observations, const AdviceOptions& options,
                 std::span<const LossBound> bounds) {
  options.validate();
  check_observations(observations);
  check_loss_bounds(bounds);
  state_ = std::make_unique<const State>(observations, options, bounds);
}

Advisor::~Advisor() = default;
Advisor::Advisor(Advisor&&) noexcept = default;
Advisor& Advisor::operator=(Advisor&&) noexcept = default;

Forecast Advisor::forecast(double batch_size) const {
  check_batch_size(batch_size);
  return state_->forecast(batch_size);
}

double Advisor::expected_regret(double batch_size, double lr) const {
  check_batch_size(batch_size);
  check_lr(lr);
  return state_->expected_regret(batch_size, lr);
}

RegretForecast Advisor::regret(double batch_size, double lr) const {
  check_batch_size(batch_size);
  check_lr(lr);
  return state_->regret(batch_size, lr);
}

double Advisor::next_lr(double batch_size, std::span<const double> pending) const {
  check_batch_size(batch_size);
  for (const double lr : pending) check_lr(lr, "pending");
  return state_->next_lr(batch_size, pending);
}

}  // namespace etalon

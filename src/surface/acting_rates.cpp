#include "surface/acting_rates.hpp"

#include <algorithm>
#include <cmath>

namespace etalon {
namespace {

// Added up one by one; those after them as an integral.
constexpr double kSummedSteps = 100.0;

// Of 1/√(1 − β2^t) over t, up to a constant; k = −ln β2.
double antiderivative(double k, double t) {
  return t + 2.0 / k * std::log1p(std::sqrt(-std::expm1(-k * t)));
}

template <class Run>
std::vector<Run> as_they_act(std::span<const Run> runs,
                             const std::optional<UncorrectedStart>& start) {
  std::vector<Run> result(runs.begin(), runs.end());
  for (Run& run : result) run.lr *= gain_at(start, run.batch_size);
  return result;
}

}  // namespace

double UncorrectedStart::gain(double batch_size) const {
  if (beta2 == 0.0) return 1.0;
  const double k = -std::log(beta2);
  const double steps = std::max(1.0, std::floor(examples / batch_size));
  const double summed = std::min(steps, kSummedSteps);
  double total = antiderivative(k, steps + 0.5) - antiderivative(k, summed + 0.5);
  for (double t = 1.0; t <= summed; ++t) total += 1.0 / std::sqrt(-std::expm1(-k * t));
  return total / steps;
}

double gain_at(const std::optional<UncorrectedStart>& start, double batch_size) {
  return start ? start->gain(batch_size) : 1.0;
}

std::vector<Observation> acting(std::span<const Observation> observations,
                                const std::optional<UncorrectedStart>& start) {
  return as_they_act(observations, start);
}

std::vector<LossBound> acting(std::span<const LossBound> bounds,
                              const std::optional<UncorrectedStart>& start) {
  return as_they_act(bounds, start);
}

std::vector<Optimum> acting(std::span<const Optimum> optima,
                            const std::optional<UncorrectedStart>& start) {
  std::vector<Optimum> result = as_they_act(optima, start);
  for (Optimum& optimum : result) {
    const double gain = gain_at(start, optimum.batch_size);
    optimum.best_lr *= gain;
    if (optimum.lr_low) *optimum.lr_low *= gain;
    if (optimum.lr_high) *optimum.lr_high *= gain;
  }
  return result;
}

Forecast as_set(Forecast forecast, const std::optional<UncorrectedStart>& start) {
  const double gain = gain_at(start, forecast.batch_size);
  for (double* lr : {&forecast.lr, &forecast.lr_low, &forecast.lr_high}) *lr /= gain;
  if (!forecast.disagreement) return forecast;
  Disagreement& views = *forecast.disagreement;
  for (double* lr : {&views.laws_low, &views.laws_high, &views.surface_low, &views.surface_high}) {
    *lr /= gain;
  }
  return forecast;
}

}  // namespace etalon

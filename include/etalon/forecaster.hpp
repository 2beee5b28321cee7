// Forecasts that average over what is not known: which law holds, what its coefficients are, and
// what the loss looks like around the optimum.
//
// Two kinds of witness say where the optimum lies at a batch size: the seven laws of law.hpp,
// fitted to the optima and averaged by their weights, and the loss surface of advice.hpp, fitted to
// all losses. Each speaks through draws of its coefficients. They have seen the same runs, so they
// are not multiplied as if independent: their densities of ln η* are averaged geometrically
// (a logarithmic opinion pool, Genest and Zidek 1986), each to the power of the weight that it
// earned by predicting the optima at the larger half of the batch sizes before it saw them. The
// recommended learning rate is the one of least expected regret under that average, with the loss
// around the optimum as the surface has it.
//
// It takes no I/O, and the same observations, options and seed give the same forecasts. Immutable
// once made; safe from any thread.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "etalon/advice.hpp"
#include "etalon/law.hpp"
#include "etalon/optimum.hpp"

namespace etalon {

struct ForecastAndRegrets {
  Forecast forecast;
  // What each of the learning rates asked for is expected to lose against the best one there.
  std::vector<double> expected_regrets;
};

class Forecaster {
 public:
  // Throws InputError as Advisor does.
  Forecaster(std::span<const Observation> observations, const AdviceOptions& options);
  ~Forecaster();
  Forecaster(Forecaster&&) noexcept;
  Forecaster& operator=(Forecaster&&) noexcept;

  // At every batch size with a loss, ascending; intervals at the options' level.
  const std::vector<Optimum>& optima() const;
  // No laws where fewer than two batch sizes have an optimum inside the learning rates tried.
  const LawComparison& laws() const;
  // The surface's share beside that of all laws together, in [0, 1]; 1 where there are no laws.
  double surface_weight() const;

  Forecast forecast(double batch_size) const;
  // Both from the same curves, in half the time of one after the other.
  ForecastAndRegrets forecast(double batch_size, std::span<const double> lrs) const;
  // What each of `lrs` is expected to lose at `batch_size` against the best learning rate there.
  std::vector<double> expected_regrets(double batch_size, std::span<const double> lrs) const;

 private:
  class State;
  std::unique_ptr<const State> state_;
};

}  // namespace etalon

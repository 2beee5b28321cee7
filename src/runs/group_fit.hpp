// What the runs of one group say: optima, laws, and learning rates at batch sizes with no runs, or
// a refusal that names the next trials. Pure functions; safe from any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "etalon/forecaster.hpp"
#include "runs/metric.hpp"
#include "runs/run_groups.hpp"

namespace etalon {

// A published rule applied to the optimum of the nearest batch size that was run.
struct RuleForecast {
  std::string rule;  // "linear" or "sqrt"
  double lr = 0.0;
  double expected_regret = 0.0;
};

// What the published rules make of `optimum` at another batch size; their regret is not known.
std::vector<RuleForecast> rules_from(const Optimum& optimum, double batch_size);

struct GroupForecast {
  Forecast forecast;
  std::vector<RuleForecast> rules;  // none at a batch size that was run
  bool was_run = false;
  // Nothing that was run bounds the best learning rate on this side: the interval has the other end
  // alone, which holds at least as often as the level says.
  bool is_open_below = false;
  bool is_open_above = false;

  std::optional<double> lr_low() const;
  std::optional<double> lr_high() const;
  // Beyond this regrets are said to be large alone; see core/told_number.hpp.
  double greatest_told() const;
};

struct GroupFit {
  std::vector<std::pair<std::string, std::string>> key;
  std::size_t runs = 0;      // that ended
  std::size_t diverged = 0;  // of them
  std::size_t batch_sizes = 0;
  std::vector<std::string> notes;  // what to be wary of, a sentence each
  std::vector<Optimum> optima;     // one per batch size with a loss, ascending
  LawComparison laws;              // empty when refused
  double surface_weight = 1.0;     // of the loss surface beside all laws together, in [0, 1]
  // At the batch sizes asked for, in that order, and at those with a loss, ascending.
  std::vector<GroupForecast> forecasts;
  std::vector<GroupForecast> at_runs;
  // Over batch sizes from the least to the greatest, where asked for and no side is open.
  std::vector<Forecast> band;
  // How little the forecasts rest on, and which runs would narrow them, where that is little.
  std::optional<std::string> caution;
  std::optional<std::string> refused;  // why there are no forecasts, and which runs to add
};

// The answer is refused only where nothing can be said: every run diverged, no batch size has two
// learning rates with a loss, the lowest and the highest are as good as any at every batch size, or
// the best is the lowest of them at one batch size, the highest at another and nowhere inside.
// Where there are too few runs for laws, the caution says so: fewer than two batch sizes have three
// learning rates with a loss each, or every best lies on the edge of what was tried, on the same
// side, where intervals are open then. next_runs.hpp says which runs a refusal or a caution names.
// A learning rate at which one of several replicates diverged has no loss. `band_points` of them,
// evenly spaced in ln B, make the band. Losses that `metric` bounds are fitted by the logarithm of
// their odds, and told as they are (loss_scale.hpp).
GroupFit fit_group(const RunGroup& group, std::span<const double> batch_sizes,
                   const AdviceOptions& options, int band_points = 0,
                   const std::optional<Metric>& metric = std::nullopt);

}  // namespace etalon

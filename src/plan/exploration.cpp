#include "plan/exploration.hpp"

#include <algorithm>

#include "etalon/bounds.hpp"
#include "plan/gaps.hpp"
#include "plan/run_point.hpp"

namespace etalon {
namespace {

// Learning rates this far outside the interval of the optimum are not worth a run.
constexpr double kOutside = 1.4142;
// A step beyond the edge of what was tried is not worth a run so far outside it.
constexpr double kFarOutside = 8.0;

}  // namespace

WorthTrying worth_trying(const Forecast& forecast, const KnownRuns& runs) {
  return {forecast.lr_low / kOutside, std::min(forecast.lr_high * kOutside, runs.ceiling())};
}

std::optional<Exploration> beyond_edge(const Advisor& advisor, double batch_size,
                                       const KnownRuns& runs) {
  const auto step = step_out(runs);
  if (!step) return std::nullopt;
  const double lr = rounded_lr(*step);
  const Forecast forecast = advisor.forecast(batch_size);
  const bool is_near = lr > forecast.lr_low / kFarOutside && lr < forecast.lr_high * kFarOutside;
  if (!is_near || !is_valid_lr(lr)) return std::nullopt;
  return Exploration{lr, "the best so far is the last that was tried there"};
}

std::optional<Exploration> explore(const Advisor& advisor, double batch_size, const KnownRuns& runs,
                                   std::span<const double> pending) {
  const Forecast forecast = advisor.forecast(batch_size);
  if (is_bare(runs)) {
    return Exploration{rounded_lr(forecast.lr), "all that was run at this batch size diverged"};
  }
  if (const auto lr = below_divergence(runs, kNarrowestGap)) {
    return Exploration{rounded_lr(*lr), "between the best and what diverged above it"};
  }
  const WorthTrying worth = worth_trying(forecast, runs);
  const double least = rounded_lr(advisor.next_lr(batch_size, pending));
  if (worth.holds(least) && runs.count(least) == 0) {
    return Exploration{least, "the least expected loss of those not tried"};
  }
  if (const auto lr = widest_gap(runs, worth.low, worth.high, kNarrowestGap)) {
    return Exploration{rounded_lr(*lr), "narrows a gap around the optimum"};
  }
  return std::nullopt;
}

}  // namespace etalon

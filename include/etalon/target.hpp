// How many updates a training takes to reach a target, and what batch size is critical to that.
//
// The protocol is that of Shallue et al. 2018 (arXiv 1811.03600): at each batch size the learning
// rate is tuned for the fewest updates to a validation target, and a best learning rate on the edge
// of what was tried is no answer. `TargetWorkload` makes the logarithm of that number the
// objective of a study; `steps_to_target` reads it out of the study's trials.
//
// Through the numbers goes the trade-off of McCandlish et al. 2018 (arXiv 1812.06162),
// (S/S_min − 1)(E/E_min − 1) = 1 with E = B·S, which is
//
//   S = S_min (1 + B_crit/B),   B_crit = E_min / S_min,
//
// by least squares of ln S. Pure functions; safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "etalon/noise_scale.hpp"
#include "etalon/runner.hpp"
#include "etalon/study.hpp"
#include "etalon/workload.hpp"

namespace etalon {

// What validation is to come to, as a point of a training curve says it; one of the two.
struct Target {
  std::optional<double> loss{};      // at most this, > 0
  std::optional<double> accuracy{};  // at least this, in (0, 1); of a program that says percent,
                                     // in (1, 100)
  bool is_any() const { return loss || accuracy; }
  void validate() const;  // throws InputError naming field, value and constraint
  // How far a point is from it: its loss, or its error, over that of the target, so that the target
  // is reached from 1 down. Nothing for a point without validation.
  std::optional<double> distance(const CurvePoint& point) const;
  std::string text() const;  // "loss 0.1", "accuracy 0.9"
  bool is_percent() const { return accuracy && *accuracy > 1.0; }
};

// `workload` with the target among its settings and ln S as its objective.
WorkloadInfo with_target(WorkloadInfo workload, const Target& target);
// The target in a workload's settings, where it has one.
std::optional<Target> target_of(const std::vector<std::pair<std::string, std::string>>& settings);

// Another workload whose trials end when they reach a target. The objective is ln S, with S the
// updates until then: between two points of the curve the distance is taken to fall by a power.
// Where the budget ends before, the objective is the logarithm of budget times distance, which is
// more than that of any trial that arrives, and less the nearer it came. A training that diverges
// before it arrives diverged; a target that is met before the first update, and a trial that ends
// without a validation point that tells of it, end the study with an InputError.
class TargetWorkload final : public Workload {
 public:
  // `trained` must outlive it, and its curves must have validation points: as many, as finely S is
  // told.
  TargetWorkload(const Workload& trained, const Target& target);
  WorkloadInfo info() const override;
  TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override;

 private:
  const Workload& trained_;
  const Target target_;
};

// The same of programs: another runner's trials are stopped once their metric, which is the
// validation loss of their points (where it is maximized its negative), comes to the target.
//
// Their points must say their step or their examples, and more than one of them is needed: where
// a trial says otherwise, no trial can be judged, and the study ends with an InputError that says
// what to print. One thread, as its trials' runner.
class TargetRunner final : public TrialRunner {
 public:
  // `metric` is its name, for what is refused; `maximizes` as the workload of `trained` has it.
  // Throws InputError where the target is none, or does not go with the metric's direction.
  TargetRunner(std::unique_ptr<TrialRunner> trained, const Target& target, std::string metric,
               bool maximizes);
  ~TargetRunner() override;

  std::int64_t slots() const override;
  void start(std::int64_t trial, const TrialSpec& spec) override;
  std::optional<TrialEvent> wait(std::chrono::milliseconds at_most) override;
  void abort(std::int64_t trial) override;
  void end_earlier(std::int64_t trial) override;

 private:
  class State;
  std::unique_ptr<State> state_;
};

// Throws InputError where a target does not go with a program's metric.
void check_goes_with(const Target& target, const std::string& metric, bool maximizes);

// The fewest updates at one batch size.
struct StepsToTarget {
  enum class State {
    told,        // the best learning rate is inside what was tried, and all its runs arrived
    at_edge,     // the best is the last one tried: fewer updates may do
    not_reached  // at the best learning rate not every run arrived within the budget
  };
  std::int64_t batch_size = 0;
  State state = State::not_reached;
  double lr = 0.0;     // η of the fewest updates
  double steps = 0.0;  // S; meaningful where `told`, a bound from above where `at_edge`
  // Of S where it is told: from how seeds deviate, of single ones from the scatter about the fitted
  // curve; empty where neither is known.
  std::optional<double> steps_low{}, steps_high{};
  std::int64_t seeds = 0;  // runs at the best learning rate that was tried
  double seconds = 0.0;    // that one of them took, on average, with its validations
  double run_steps = 0.0;  // updates that one of them did in that time, on average
};

// One for each batch size that has an optimum, ascending; none of a study without a target.
std::vector<StepsToTarget> steps_to_target(const StudyResult& result);

// ln S at one batch size: the mean of `seeds` runs.
struct LogSteps {
  double batch_size = 0.0;
  double log_steps = 0.0;
  std::int64_t seeds = 1;
};

// How the ln S of runs deviate that differ by seed alone.
struct SeedSpread {
  double variance = 0.0;
  double degrees_of_freedom = 0.0;
};

struct CriticalBatchSize {
  // Ends that are empty are without bound: B_crit is below, or above, all that tells it.
  Estimated batch_size;       // B_crit in examples
  Estimated fewest_steps;     // S_min
  Estimated fewest_examples;  // E_min
  double scatter = 0.0;       // root mean square of ln S about the curve
};

// Least squares of ln S, each batch size by its seeds. The intervals are where the squares exceed
// their least by no more than t²σ² (a profile; Bates and Watts 1988, section 6.1); σ² is the
// scatter about the curve where that is more than seeds explain, else that of both. Nothing for
// fewer than three batch sizes, which is what two unknowns and a scatter need.
std::optional<CriticalBatchSize> fit_critical_batch_size(std::span<const LogSteps> points,
                                                         const SeedSpread& spread, double level);

// The interval of S, the mean of `seeds` runs in ln S, by `spread`.
struct StepsInterval {
  double low = 0.0, high = 0.0;
};
std::optional<StepsInterval> steps_interval(double steps, std::int64_t seeds,
                                            const SeedSpread& spread, double level);

// That of a study with a target, from the batch sizes that are told.
std::optional<CriticalBatchSize> critical_batch_size(const StudyResult& result);

// What reaching the target takes at one batch size on the study's hardware (StudyResult::hardware).
// The intervals are those of the steps: rates and prices count as exact.
struct CostOfTarget {
  std::int64_t batch_size = 0;
  bool is_bound = false;             // from above, as the steps are
  double examples_per_second = 0.0;  // as given, else as the study's own runs had it
  Estimated seconds{};
  std::optional<Estimated> cost{};  // in the currency of the price, where there is one
};

// The least of some costs, and which batch sizes cannot be told from it, as intervals overlap.
struct LeastCost {
  std::int64_t batch_size = 0;
  Estimated at{};
  std::vector<std::int64_t> not_told_from{};
};

struct CostsOfTarget {
  bool rates_are_measured = false;
  // Batch sizes at which the target is reached and the rate is known, ascending: of rates that are
  // given these alone, nothing between them.
  std::vector<CostOfTarget> rows{};
  std::optional<LeastCost> fastest{}, cheapest{};  // of rows that are no bounds
};

// Nothing without a target.
std::optional<CostsOfTarget> costs_of_target(const StudyResult& result);

}  // namespace etalon

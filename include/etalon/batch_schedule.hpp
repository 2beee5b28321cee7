// Batch-size schedules B(t), and a training plan that moves B and η together.
//
// A `BatchSchedule` gives the batch size at a time counted in epochs or examples: never in steps,
// since the length of a step is what it changes. A `TrainingPlan` adds the learning-rate schedule,
// written for a reference batch size, and the rule by which η follows B; a `PlanCursor` walks it
// step by step. Because both run on examples, a decay ends where it should whatever the ramp does.
//
// Schedules are plain values, safe from any thread; a cursor belongs to one thread. Broken input
// throws `InputError`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "etalon/bounds.hpp"
#include "etalon/schedule.hpp"

namespace etalon {

struct ConstantBatch {  // B = batch_size
  bool operator==(const ConstantBatch&) const = default;
};

// In place of decaying η by q at each milestone, B grows by q: the noise scale of SGD, ηN/B, falls
// alike. Once B would pass `largest`, the rest of the factor goes to η.
// Smith et al. 2018, arXiv 1711.00489, who stop near N/10.
struct StepBatch {
  std::vector<double> milestones{};           // ascending, > 0
  double factor = 10.0;                       // q > 1
  std::int64_t largest = kGreatestBatchSize;  // >= batch_size
  bool operator==(const StepBatch&) const = default;
};

// From batch_size to `last` in a straight line over `length`, rounded down to a multiple of
// `multiple` counted from batch_size. Brown et al. 2020, arXiv 2005.14165 (there in tokens).
struct LinearRampBatch {
  std::int64_t last = 1;
  double length = 1.0;        // > 0
  std::int64_t multiple = 1;  // >= 1
  bool operator==(const LinearRampBatch&) const = default;
};

// B = fraction · (the last noise scale that was observed), rounded down to a multiple of
// `multiple`, within [batch_size, last], never shrinking. McCandlish et al. 2018, arXiv 1812.06162,
// who find the noise scale to grow during training.
struct NoiseRampBatch {
  std::int64_t last = 1;
  double fraction = 1.0;      // > 0
  std::int64_t multiple = 1;  // >= 1
  bool operator==(const NoiseRampBatch&) const = default;
};

using BatchCourse = std::variant<ConstantBatch, StepBatch, LinearRampBatch, NoiseRampBatch>;

struct BatchSchedule {
  std::int64_t batch_size = 1;                 // at the start, in [1, 1e15]
  DurationUnit unit = DurationUnit::examples;  // epochs or examples
  BatchCourse course;

  void validate() const;

  // B at a time in the schedule's unit. `noise_scale` is the largest observed so far, in examples;
  // only the ramp that it drives looks at it, and stays at batch_size without one.
  std::int64_t at(double time, std::optional<double> noise_scale = std::nullopt) const;

  // What a StepBatch leaves to η: B(t)/(batch_size·q^k) after k milestones; 1 for the others.
  double lr_factor(double time) const;

  bool operator==(const BatchSchedule&) const = default;
};

// How η follows B away from the reference batch size: η·(B/B_ref)^p.
enum class BatchLrRule {
  fixed,  // p = 0
  sqrt,   // p = 1/2, see docs/scaling.md
  linear  // p = 1
};

struct TrainingPlan {
  Schedule lr;  // in epochs or examples; `convert` turns steps into them
  BatchSchedule batch;
  std::int64_t reference_batch_size = 1;   // the B that `lr` was written for, >= 1
  BatchLrRule rule = BatchLrRule::linear;  // fixed with a StepBatch, whose growth is the decay
  std::int64_t dataset_size = 1;           // >= 1
  std::int64_t budget_examples = 1;        // at most, >= 1: a last part of a batch is left out

  void validate() const;

  // B of the step that begins here; empty where a whole batch no longer fits into the budget.
  std::optional<std::int64_t> batch_size_at(const Progress& progress,
                                            std::optional<double> noise_scale = std::nullopt) const;

  // lr(progress) · (B/B_ref)^p · batch.lr_factor.
  double lr_for(const Progress& progress, std::int64_t batch_size) const;

  bool operator==(const TrainingPlan&) const = default;
};

std::string to_json(const TrainingPlan& plan);
TrainingPlan plan_from_json(std::string_view json);

struct PlannedStep {
  std::int64_t batch_size = 0;
  double lr = 0.0;
  std::optional<double> momentum;  // where the schedule moves it
  Progress before;                 // where the training is when the step begins
};

// Walks a plan, step by step as `etalon train` does: every batch is whole, and what the budget has
// left for less than one is not spent.
class PlanCursor {
 public:
  // `start` and `noise_scale` resume an interrupted walk.
  explicit PlanCursor(const TrainingPlan& plan, const Progress& start = {},
                      std::optional<double> noise_scale = std::nullopt);

  // Empty when no whole batch is left.
  std::optional<PlannedStep> next();

  // Takes a measured gradient noise scale in examples, finite and >= 0; the largest one counts.
  void observe_noise_scale(double noise_scale);

  const Progress& progress() const { return progress_; }
  std::optional<double> noise_scale() const { return noise_scale_; }

 private:
  TrainingPlan plan_;
  Progress progress_;
  std::optional<double> noise_scale_;
};

}  // namespace etalon

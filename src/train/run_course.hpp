// What each step of a run is: its examples, its learning rate and, where it moves, its momentum.
//
// Joins the learning-rate schedule, reduce on plateau and the batch-size schedule. Where the batch
// size is constant, schedules run on steps; where it changes, on examples, so that a decay ends
// with the budget whatever the ramp does. What it learns from the training (validation losses,
// noise scales) is its only state. One thread at a time.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "etalon/batch_schedule.hpp"
#include "train/run_options.hpp"

namespace etalon {

struct CourseStep {
  std::int64_t batch_size = 0;  // of a whole step
  std::int64_t examples = 0;    // of this one: the last one is cut to what is left of the budget
  double lr = 0.0;
  std::optional<double> momentum;
  // Steps at the reference batch size that this one stands for in an average of the weights: B over
  // it, but 1 where the learning rate does not follow B.
  double average_steps = 1.0;
};

class RunCourse {
 public:
  // Throws InputError for options that do not fit each other or the budget.
  RunCourse(const RunOptions& options, const WorkloadInfo& info);

  // The step after `steps` updates over `examples`, fewer than `total_examples()`.
  CourseStep next(std::int64_t steps, std::int64_t examples) const;

  std::int64_t total_examples() const { return plan_.budget_examples; }
  // Empty where the batch size changes.
  std::optional<std::int64_t> total_steps() const { return total_steps_; }
  std::int64_t first_batch_size() const { return plan_.batch.batch_size; }

  void observe_loss(double validation_loss);
  // Whether the batch size follows the noise scale.
  bool wants_noise_scale() const;
  // In examples, >= 0; the largest one counts.
  void observe_noise_scale(double noise_scale);
  std::optional<double> noise_scale() const { return noise_scale_; }

  nlohmann::ordered_json state() const;
  void restore(const nlohmann::ordered_json& state);

 private:
  TrainingPlan plan_;  // its schedule is in steps where the batch size is constant
  std::optional<std::int64_t> total_steps_;
  std::optional<ReduceOnPlateau> plateau_;
  std::optional<double> noise_scale_;
};

}  // namespace etalon

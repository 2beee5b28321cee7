// What each step of a training is: its batch size, its learning rate and, where it moves, its
// momentum.
//
// Joins the learning-rate schedule, reduce on plateau and the batch-size schedule. Where the batch
// size is constant, schedules run on steps; where it changes, on examples, so that a decay ends
// with the budget whatever the ramp does. What it learns from the training (validation losses,
// noise scales) is its only state: the same observations in the same order give the same course.
// One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "etalon/batch_schedule.hpp"
#include "train/run_options.hpp"

namespace etalon {

struct CourseStep {
  std::int64_t batch_size = 0;
  double lr = 0.0;
  std::optional<double> momentum;
  // Steps at the reference batch size that this one stands for in an average of the weights: B over
  // it, but 1 where the learning rate does not follow B.
  double average_steps = 1.0;
};

class RunCourse {
 public:
  // Throws InputError for options that do not fit each other, the data or the budget.
  RunCourse(const RunOptions& options, std::int64_t dataset_size);

  // The step after `steps` updates over `examples`; empty where a whole batch no longer fits.
  std::optional<CourseStep> next(std::int64_t steps, std::int64_t examples) const;

  // How many of `count` points, evenly over the examples, are due after that many: those that the
  // next step would pass, and at the end all of them.
  std::int64_t points_due(std::int64_t count, std::int64_t examples) const;

  // The examples of all steps; where the batch size changes, the most that they can be.
  std::int64_t total_examples() const { return total_examples_; }
  // Empty where the batch size changes.
  std::optional<std::int64_t> total_steps() const { return total_steps_; }
  std::int64_t first_batch_size() const { return plan_.batch.batch_size; }
  std::int64_t largest_batch_size() const { return largest_batch_size_; }

  // What of the schedules comes after the end of the training and so changes nothing: a clause
  // each.
  std::vector<std::string> warnings() const;

  // After so many updates. A loss that is measured during the warm-up is none of a plateau: what it
  // lowered would be raised again.
  void observe_loss(double validation_loss, std::int64_t steps, std::int64_t examples);
  // Whether the batch size follows the noise scale.
  bool wants_noise_scale() const;
  // In examples, >= 0; the largest one counts.
  void observe_noise_scale(double noise_scale);
  std::optional<double> noise_scale() const { return noise_scale_; }

 private:
  Progress progress_after(std::int64_t steps, std::int64_t examples) const;

  TrainingPlan plan_;  // its schedule is in steps where the batch size is constant
  std::int64_t total_examples_ = 0;
  std::int64_t largest_batch_size_ = 0;
  std::optional<std::int64_t> total_steps_;
  std::optional<ReduceOnPlateau> plateau_;
  std::optional<double> noise_scale_;
};

}  // namespace etalon

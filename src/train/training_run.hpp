// One training from start to end, with evaluations, early stopping and checkpoints.
//
// The budget is spent to the last example: where it is no multiple of the batch size, the last step
// averages over what is left. Evaluation k of n comes with the first step that reaches k/n of the
// examples. A run that goes on from a checkpoint gives the same bits as one that
// was never interrupted. Divergence is a state, not an error. One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "train/evaluator.hpp"
#include "train/noise_probe.hpp"
#include "train/run_course.hpp"
#include "train/run_options.hpp"
#include "train/trainer.hpp"

namespace etalon {

enum class RunState { running, finished, stopped_early, diverged };

const char* to_string(RunState state);

// What is known at an evaluation. Losses are means per example.
struct RunPoint {
  std::int64_t step = 0;  // updates done
  std::int64_t examples = 0;
  std::int64_t batch_size = 0;  // of the last update, before the end of the budget cut it
  double lr = 0.0;              // of the last update
  double train_loss = 0.0;      // over the updates since the last point
  double validation_loss = 0.0;
  double validation_accuracy = 0.0;  // in [0, 1]
  double clipped_fraction = 0.0;     // of all updates so far
  // Measured here, in examples, where the batch size follows it; empty where it is undefined.
  std::optional<double> noise_scale;
  bool operator==(const RunPoint&) const = default;
};

class TrainingRun {
 public:
  explicit TrainingRun(const RunOptions& options);

  // One update while `state()` is running. True where it ended in an evaluation: a new point.
  bool step();

  RunState state() const { return state_; }
  std::int64_t steps() const { return steps_; }
  // Empty where the batch size changes.
  std::optional<std::int64_t> total_steps() const { return course_.total_steps(); }
  std::int64_t examples() const { return examples_; }
  std::int64_t total_examples() const { return course_.total_examples(); }
  const std::vector<RunPoint>& curve() const { return curve_; }
  std::optional<double> best_loss() const { return best_loss_; }  // of the validation losses
  double lr() const { return lr_; }                               // of the last update
  std::int64_t batch_size() const { return batch_size_; }         // of the last update, uncut
  bool measures_noise_scale() const { return course_.wants_noise_scale(); }
  const std::vector<std::pair<std::string, std::string>>& settings() const { return settings_; }
  std::span<const float> weights() const { return trainer_.weights(); }

  std::string checkpoint();
  // On a fresh run only. `place` names the file. Throws InputError for bytes that are no checkpoint
  // and for one of a training with other settings, naming the first that differs.
  void restore(std::string_view bytes, const std::string& place);

 private:
  bool evaluate();
  std::optional<double> measure_noise_scale();
  void judge(double loss);

  const RunOptions options_;
  const TrainingWorkload workload_;
  const std::vector<std::pair<std::string, std::string>> settings_;
  RunCourse course_;
  Trainer trainer_;
  Evaluator evaluator_;
  std::optional<NoiseProbe> noise_probe_;
  RunState state_ = RunState::running;
  std::int64_t steps_ = 0;
  std::int64_t examples_ = 0;
  std::int64_t batch_size_ = 0;
  double lr_ = 0.0;
  double loss_sum_ = 0.0;  // since the last point
  std::int64_t loss_examples_ = 0;
  std::optional<double> best_loss_;
  std::int64_t bad_evaluations_ = 0;  // since the best
  std::vector<RunPoint> curve_;
};

// Whether these bytes are of a run that came to its end. Throws InputError for bytes that are no
// checkpoint.
bool is_of_finished_run(std::string_view checkpoint, const std::string& place);

}  // namespace etalon

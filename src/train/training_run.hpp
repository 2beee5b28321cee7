// One training from start to end, with evaluations, early stopping and checkpoints.
//
// The budget is spent to the last example: where it is no multiple of the batch size, the last step
// averages over what is left. A run that goes on from a checkpoint gives the same bits as one that
// was never interrupted. Divergence is a state, not an error. One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "train/evaluator.hpp"
#include "train/trainer.hpp"
#include "train/training_workload.hpp"

namespace etalon {

struct RunOptions {
  TrainingOptions training;  // data, model, optimizer, clipping, schedule, ...
  std::int64_t batch_size = 32;
  std::int64_t micro_batch = 0;  // as in TrainerOptions
  double lr = 0.1;               // the schedule's peak, finite, > 0
  std::uint64_t seed = 1;
  std::int64_t evaluations = 10;  // evenly over the run, >= 1; the last at its end
  std::int64_t patience = 0;      // evaluations without a better loss before it stops; 0: never
  double min_delta = 0.0;         // a better loss is lower by more than this, >= 0
  void validate() const;
  // Every setting that changes a result, by name.
  std::vector<std::pair<std::string, std::string>> settings(const WorkloadInfo& info) const;
};

enum class RunState { running, finished, stopped_early, diverged };

const char* to_string(RunState state);

// What is known at an evaluation. Losses are means per example.
struct RunPoint {
  std::int64_t step = 0;  // updates done
  std::int64_t examples = 0;
  double lr = 0.0;          // of the last update
  double train_loss = 0.0;  // over the updates since the last point
  double validation_loss = 0.0;
  double validation_accuracy = 0.0;  // in [0, 1]
  double clipped_fraction = 0.0;     // of all updates so far
  bool operator==(const RunPoint&) const = default;
};

class TrainingRun {
 public:
  explicit TrainingRun(const RunOptions& options);

  // One update while `state()` is running. True where it ended in an evaluation: a new point.
  bool step();

  RunState state() const { return state_; }
  std::int64_t steps() const { return steps_; }
  std::int64_t total_steps() const { return total_steps_; }
  std::int64_t examples() const { return examples_; }
  const std::vector<RunPoint>& curve() const { return curve_; }
  std::optional<double> best_loss() const { return best_loss_; }  // of the validation losses
  double lr() const { return lr_; }                               // of the last update
  const std::vector<std::pair<std::string, std::string>>& settings() const { return settings_; }
  std::span<const float> weights() const { return trainer_.weights(); }

  std::string checkpoint();
  // On a fresh run only. `place` names the file. Throws InputError for bytes that are no checkpoint
  // and for one of a training with other settings, naming the first that differs.
  void restore(std::string_view bytes, const std::string& place);

 private:
  std::int64_t evaluation_step(std::int64_t evaluation) const;
  bool evaluate();
  void judge(double loss);

  const RunOptions options_;
  const TrainingWorkload workload_;
  const std::vector<std::pair<std::string, std::string>> settings_;
  const std::int64_t total_examples_;
  const std::int64_t total_steps_;
  const Schedule schedule_;
  Trainer trainer_;
  Evaluator evaluator_;
  RunState state_ = RunState::running;
  std::int64_t steps_ = 0;
  std::int64_t examples_ = 0;
  double lr_ = 0.0;
  double loss_sum_ = 0.0;  // since the last point
  std::int64_t loss_examples_ = 0;
  std::optional<double> best_loss_;
  std::int64_t bad_evaluations_ = 0;  // since the best
  std::vector<RunPoint> curve_;
};

}  // namespace etalon

// One training from start to end: the loop of `etalon train` and of every trial of a study.
//
// Every update averages over a whole batch; the training ends before one that the budget no longer
// holds. Point k of n of the curve comes with the last step that does not pass k/n of the examples.
// A training that goes on from a checkpoint gives the same bits as one that was never interrupted.
// Divergence is a state, not an error. One thread at a time.
//
// It diverges when the loss of a batch or of an evaluation is not finite, or when at its end the
// objective is worse than that of the untrained network. A spike that is recovered from is no
// divergence (Lewkowycz et al. 2020, arXiv 2003.02218).
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

// Why a training is over.
enum class StopReason {
  budget,                // spent: it finished
  patience,              // no better loss in so many evaluations: it was pruned
  loss_not_finite,       // it diverged
  worse_than_untrained,  // so did this
};

// "budget", "patience", ...; the words are part of the file format.
std::string_view to_string(StopReason reason);

// A point of the curve, and what else is known there. Points of a training of its own all have a
// validation loss, see RunOptions::points_per_evaluation.
struct RunPoint : CurvePoint {
  std::int64_t batch_size = 0;    // of the last update
  double lr = 0.0;                // of the last update
  double clipped_fraction = 0.0;  // of all updates so far
  // Measured here, in examples, where the batch size follows it; empty where it is undefined.
  std::optional<double> noise_scale{};
  bool operator==(const RunPoint&) const = default;
};

class TrainingRun {
 public:
  // Loads the data.
  explicit TrainingRun(const RunOptions& options);
  // On data that were loaded with the same options.
  TrainingRun(const TrainingData& data, const RunOptions& options);

  // One update while `state()` is pending. True where it ended in a new point of the curve.
  bool step();

  // pending until it is over, then finished, pruned or diverged.
  TrialState state() const { return state_; }
  std::optional<StopReason> stop_reason() const { return stop_reason_; }
  std::int64_t steps() const { return steps_; }
  // Empty where the batch size changes.
  std::optional<std::int64_t> total_steps() const { return course_.total_steps(); }
  std::int64_t examples() const { return examples_; }
  std::int64_t total_examples() const { return course_.total_examples(); }
  // The untrained network, step 0.
  const CurvePoint& start() const { return start_; }
  const std::vector<RunPoint>& curve() const { return curve_; }
  std::optional<double> best_loss() const { return best_loss_; }  // of the validation losses
  // What is minimized, at the end of the curve; empty before there is one.
  std::optional<double> objective() const;
  double lr() const { return lr_; }                        // of the last update
  std::int64_t batch_size() const { return batch_size_; }  // of the last update
  // What was chosen of the data by itself, and what of the course may not be meant.
  std::vector<std::string> warnings() const;
  bool measures_noise_scale() const { return course_.wants_noise_scale(); }
  const std::vector<std::pair<std::string, std::string>>& settings() const { return settings_; }
  std::span<const float> weights() const { return trainer_.weights(); }
  // Mean loss per example of the weights as they are, averaged where they are, on the first of the
  // training examples, as many as validate: the same ones whatever the seed. Changes nothing.
  double measure_train_loss();

  std::string checkpoint();
  // On a fresh run only. `place` names the file. Throws InputError for bytes that are no checkpoint
  // of a training, for one of a training with other settings, naming the first that differs, and
  // for one whose numbers contradict each other; the run is then of no more use.
  void restore(std::string_view bytes, const std::string& place);

 private:
  CurvePoint untrained();
  bool record(std::int64_t due);
  void evaluate(RunPoint& point);
  std::optional<double> measure_noise_scale();
  void learn_from(const RunPoint& point);
  bool is_worse_than_untrained() const;
  void conclude();
  void stop(TrialState state, StopReason reason);
  void restore_state(const std::optional<StopReason>& stored, const std::string& place);

  const RunOptions options_;
  const TrainingData data_;
  const std::vector<std::pair<std::string, std::string>> settings_;
  RunCourse course_;
  Trainer trainer_;
  Evaluator evaluator_;
  std::optional<NoiseProbe> noise_probe_;
  const CurvePoint start_;
  TrialState state_ = TrialState::pending;
  std::optional<StopReason> stop_reason_;
  std::int64_t steps_ = 0;
  std::int64_t examples_ = 0;
  std::int64_t batch_size_ = 0;
  double lr_ = 0.0;
  double loss_sum_ = 0.0;    // since the last point
  std::int64_t points_ = 0;  // of the curve that are due; several may fall on one step
  std::optional<double> best_loss_;
  std::int64_t bad_evaluations_ = 0;  // since the best
  std::vector<RunPoint> curve_;
};

// Whether these bytes are of a training that came to its end. Throws InputError for bytes that are
// no checkpoint.
bool is_of_finished_run(std::string_view checkpoint, const std::string& place);

}  // namespace etalon

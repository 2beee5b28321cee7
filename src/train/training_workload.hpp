// The built-in workload: trains a network on images and reports its validation loss.
//
// Immutable after construction and shared by all threads; each trial builds its own `Trainer`.
//
// A trial diverges when the loss of a batch is not finite, or when at the end of the budget the
// objective is worse than that of the untrained network. A spike that is recovered from is no
// divergence (Lewkowycz et al. 2020, arXiv 2003.02218).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "data/dataset.hpp"
#include "etalon/scaling.hpp"
#include "etalon/workload.hpp"
#include "nn/model_spec.hpp"
#include "optim/optimizer.hpp"
#include "train/clipping.hpp"
#include "train/schedule_options.hpp"

namespace etalon {

enum class Objective {
  validation_loss,   // at the end of the budget
  validation_error,  // 1 - accuracy, at the end of the budget
  train_loss         // mean over the last twelfth of the budget
};

// "validation-loss", ...; throws InputError for anything else.
Objective parse_objective(const std::string& name);
std::string objective_name(Objective objective);

struct TrainingOptions {
  std::string dataset = "fashion-mnist";  // as load_splits takes it
  std::string model = "mlp:128";          // as parse_model takes it
  OptimizerOptions optimizer;
  ClippingOptions clipping{};
  std::optional<double> ema{};  // decay of an average of the weights, in [0, 1), which is evaluated
  ScheduleOptions schedule;
  Objective objective = Objective::validation_loss;
  std::int64_t validation_size = 5000;  // examples taken from the training set, >= 1
  std::uint64_t split_seed = 0;
  // What every trial may spend, in (0, 1e12]; the first one that is > 0 counts.
  std::int64_t budget_examples = 0;
  std::int64_t budget_steps = 0;
  double budget_epochs = 2.0;  // in (0, 1e6]
  void validate() const;
  // What scaling rules move; without batch size and learning rate.
  Recipe recipe() const;
  // Whether the schedule sets the momentum, or β1, at every step, so that no rule can move it.
  bool schedule_moves_momentum() const;
  // The same with what a trial moves. Throws InputError for what the optimizer lacks, and for a
  // momentum or β1 that the schedule moves by itself.
  TrainingOptions with(const MovedSettings& moved) const;
};

class TrainingWorkload final : public Workload {
 public:
  // Loads the data. Throws InputError for a bad option, model or file.
  explicit TrainingWorkload(const TrainingOptions& options);
  // Throws InputError unless one batch of this size fits into the training set and the budget.
  void check_batch_size(std::int64_t batch_size) const;
  WorkloadInfo info() const override;
  const DataSplits& data() const { return *data_; }
  const ModelSpec& model() const { return model_; }
  TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override;

 private:
  std::int64_t steps_of(std::int64_t batch_size) const;

  TrainingOptions options_;
  std::shared_ptr<const DataSplits> data_;
  ModelSpec model_;
};

}  // namespace etalon

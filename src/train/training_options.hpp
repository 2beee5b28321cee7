// What a training is made of: data, model, optimizer, schedule, budget and objective; everything
// that all trials of a study share.
//
// The budget is spent to within one batch: every update averages over a whole batch, and the
// training ends before one that no longer fits. A last batch of fewer examples would take the
// learning rate of a whole one with more noise in its gradient, right before the loss is measured.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "data/augmentation.hpp"
#include "data/dataset.hpp"
#include "etalon/scaling.hpp"
#include "etalon/schedule_options.hpp"
#include "etalon/workload.hpp"
#include "model/model_spec.hpp"
#include "optim/optimizer.hpp"
#include "train/clipping.hpp"

namespace etalon {

enum class Objective {
  validation_loss,   // at the end of the budget
  validation_error,  // 1 - accuracy, at the end of the budget
  train_loss         // mean over the last twelfth of the budget
};

// "validation-loss", ...; throws InputError for anything else.
Objective parse_objective(const std::string& name);
std::string objective_name(Objective objective);

inline constexpr std::int64_t kMostBudget = 1'000'000'000'000;  // examples, or steps

struct TrainingOptions {
  std::string dataset = "fashion-mnist";  // as load_splits takes it
  std::string model = "mlp:128";          // as parse_model takes it
  // The text of a `model` that is a file, which may change while it is trained; read where empty.
  std::string layers{};
  // Of the loss that is trained, in [0, 1): the share of a label that is spread over all classes
  // (Szegedy et al. 2015, arXiv 1512.00567). What validates is never smoothed.
  double label_smoothing = 0.0;
  OptimizerOptions optimizer;
  ClippingOptions clipping{};
  std::optional<double> ema{};  // decay of an average of the weights, in [0, 1), which is evaluated
  ScheduleOptions schedule;
  Objective objective = Objective::validation_loss;
  Precision precision = Precision::float32;       // of the training, as ModelSpec has it
  Augmentation augmentation{};                    // of the training images
  std::optional<std::int64_t> validation_size{};  // as in SplitOptions
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
  // The examples that may be spent at this batch size, of a training set of `dataset_size`.
  std::int64_t examples_at(std::int64_t batch_size, std::int64_t dataset_size) const;
  // Throws InputError unless one batch of this size fits into the training set and the budget.
  void check_fits(std::int64_t batch_size, std::int64_t dataset_size) const;
};

// Throws InputError for one that this processor lacks.
void check_precision(Precision precision);

// What every trial of a workload shares; immutable once loaded.
struct TrainingData {
  std::shared_ptr<const DataSplits> splits;
  ModelSpec model;
  std::int64_t size() const { return static_cast<std::int64_t>(splits->train.size()); }
};

// Throws InputError for a bad option, model or file.
TrainingData load_training_data(const TrainingOptions& options);

// Name, budget and every setting that changes a result.
WorkloadInfo training_info(const TrainingOptions& options, const TrainingData& data);

}  // namespace etalon

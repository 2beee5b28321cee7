// Trainings on every kind of examples, and on images that are changed at random.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "etalon/error.hpp"
#include "support/temporary_directory.hpp"
#include "train/training_run.hpp"

namespace etalon {
namespace {

RunOptions run_on(const std::string& data, const std::string& model, double lr) {
  RunOptions options;
  options.training.dataset = data;
  options.training.model = model;
  options.training.budget_examples = 6400;
  options.batch_size = 32;
  options.lr = lr;
  options.evaluations = 4;
  return options;
}

void run_to_end(TrainingRun& run) {
  while (run.state() == TrialState::pending) run.step();
}

// The best predictor of standardized targets without a look at the features has the variance 1 as
// its squared error; a network that has learnt the teacher is well below.
TEST(TrainingOnTargets, LearnsATeacher) {
  TrainingRun run(run_on("teacher:4,outputs=2,noise=0.05,width=4", "mlp:32", 0.1));
  run_to_end(run);
  EXPECT_EQ(run.state(), TrialState::finished);
  EXPECT_LT(run.curve().back().validation_loss, 0.4 * *run.start().validation_loss);
  EXPECT_FALSE(run.curve().back().validation_accuracy);
}

TEST(TrainingOnTargets, GoesOnFromACheckpoint) {
  const RunOptions options = run_on("teacher:4,outputs=2", "mlp:8", 0.1);
  TrainingRun whole(options), first(options), second(options);
  run_to_end(whole);
  while (first.curve().empty()) first.step();
  second.restore(first.checkpoint(), "memory");
  run_to_end(second);
  EXPECT_EQ(second.objective(), whole.objective());
}

TEST(TrainingOnTargets, HasNoErrorToMinimize) {
  RunOptions options = run_on("teacher:4,outputs=2", "mlp:8", 0.1);
  options.training.objective = Objective::validation_error;
  EXPECT_THROW(load_training_data(options.training), InputError);
}

TEST(TrainingOnFeatures, LearnsATeacher) {
  TrainingRun run(run_on("teacher:4,classes=3,noise=0,width=4", "mlp:32", 0.3));
  run_to_end(run);
  EXPECT_EQ(run.state(), TrialState::finished);
  EXPECT_GT(run.curve().back().validation_accuracy, 0.85);
}

// Each byte is the next of ten, so that all of it can be known from the byte before.
TEST(TrainingOnText, LearnsWhatByteComesNext) {
  const testing::TemporaryDirectory directory;
  const std::string path = (directory.path() / "digits.txt").string();
  std::ofstream file(path);
  for (int i = 0; i < 20000; ++i) file << i % 10;
  file.close();
  RunOptions options = run_on("text:" + path + ",context=8", "gpt:1x16x2", 0.01);
  options.training.optimizer.name = "adam";
  TrainingRun run(options);
  EXPECT_NEAR(*run.start().validation_loss, std::log(256.0), 0.5);
  EXPECT_LT(*run.start().validation_accuracy, 0.2);
  run_to_end(run);
  EXPECT_EQ(run.state(), TrialState::finished);
  EXPECT_LT(run.curve().back().validation_loss, 0.2);
  EXPECT_GT(run.curve().back().validation_accuracy, 0.95);
}

RunOptions augmented() {
  RunOptions options = run_on("fashion-mnist", "mlp:8", 0.1);
  options.training.budget_examples = 1600;
  options.training.augmentation = parse_augmentation("crop,flip");
  return options;
}

std::vector<float> weights_of(const TrainingRun& run) {
  return {run.weights().begin(), run.weights().end()};
}

TEST(AugmentedTraining, GoesOnFromACheckpointAsIfItHadNotStopped) {
  const TrainingData data = load_training_data(augmented().training);
  TrainingRun whole(data, augmented());
  run_to_end(whole);
  TrainingRun first(data, augmented());
  for (int i = 0; i < 17; ++i) first.step();
  TrainingRun second(data, augmented());
  second.restore(first.checkpoint(), "memory");
  run_to_end(second);
  EXPECT_EQ(weights_of(second), weights_of(whole));
  RunOptions plain = augmented();
  plain.training.augmentation = {};
  TrainingRun other(data, plain);
  run_to_end(other);
  EXPECT_NE(weights_of(other), weights_of(whole));
}

// Micro-batches split the sums, which then round differently; other images would differ far more.
TEST(AugmentedTraining, SeesTheSameImagesInMicroBatches) {
  RunOptions options = augmented();
  const TrainingData data = load_training_data(options.training);
  TrainingRun whole(data, options);
  options.micro_batch = 7;
  TrainingRun parts(data, options);
  run_to_end(whole), run_to_end(parts);
  for (std::size_t i = 0; i < whole.curve().size(); ++i) {
    EXPECT_NEAR(*whole.curve()[i].train_loss, *parts.curve()[i].train_loss, 1e-4);
  }
}

TEST(AugmentedTraining, IsAnotherTrainingInItsSettings) {
  const RunOptions options = augmented();
  const TrainingData data = load_training_data(options.training);
  const auto settings = training_info(options.training, data).settings;
  EXPECT_THAT(settings,
              ::testing::Contains(std::pair<std::string, std::string>("augment", "crop,flip")));
  TrainingRun run(data, options);
  RunOptions plain = options;
  plain.training.augmentation = {};
  TrainingRun other(data, plain);
  EXPECT_THROW(other.restore(run.checkpoint(), "memory"), InputError);
}

TEST(AugmentedTraining, IsRefusedWithoutImages) {
  RunOptions options = run_on("teacher:4", "mlp:8", 0.1);
  options.training.augmentation = parse_augmentation("flip");
  EXPECT_THROW(load_training_data(options.training), InputError);
}

}  // namespace
}  // namespace etalon

#include "train/training_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/gather.hpp"
#include "etalon/error.hpp"
#include "support/naive_network.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

RunOptions quick() {
  RunOptions options;
  options.training.model = "mlp:16";
  options.training.budget_examples = 2000;  // 62 steps of 32, and 16 that are no batch
  options.training.optimizer.name = "adamw";
  options.training.schedule.name = "cosine";
  options.training.schedule.warmup = Duration{5.0, DurationUnit::steps};
  options.lr = 1e-3;
  options.training.clipping.norm = 1.0;
  options.training.ema = 0.9;
  options.micro_batch = 20;
  options.evaluations = 4;
  return options;
}

void run_to_end(TrainingRun& run) {
  while (run.state() == TrialState::pending) run.step();
}

std::string refusal(TrainingRun& run, const std::string& bytes) {
  try {
    run.restore(bytes, "file.ckpt");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(TrainingRun, SpendsTheBudgetToWithinOneBatchAndEvaluatesAtTheEnd) {
  TrainingRun run(quick());
  run_to_end(run);
  EXPECT_EQ(run.state(), TrialState::finished);
  EXPECT_EQ(run.stop_reason(), StopReason::budget);
  EXPECT_EQ(run.steps(), 62);
  EXPECT_EQ(run.examples(), 62 * 32);
  ASSERT_EQ(run.curve().size(), 4u);
  EXPECT_EQ(run.curve().back().step, 62);
  EXPECT_LT(run.curve().back().train_loss, run.curve().front().train_loss);
  EXPECT_GT(run.curve().back().clipped_fraction, 0.0);
}

// Of the first of the training examples, as many as validate, one at a time in double.
double naive_train_loss(const TrainingData& data, std::span<const float> weights) {
  const std::size_t count = data.splits->validation.size();
  std::vector<std::uint32_t> indices(count);
  for (std::size_t i = 0; i < count; ++i) indices[i] = static_cast<std::uint32_t>(i);
  std::vector<float> examples(count * data.splits->train.features());
  std::vector<std::int32_t> labels(count);
  gather(data.splits->train, data.splits->normalization, indices, examples, labels);
  const std::vector<double> exact(weights.begin(), weights.end());
  return testing::NaiveNetwork(data.model).loss(exact, examples, labels);
}

TEST(TrainingRun, MeasuresATrainingLossOnTheSameExamplesWhateverTheSeed) {
  RunOptions options = quick();
  options.training.ema.reset();
  options.training.validation_size = 700;  // more than an evaluation takes at once
  const TrainingData data = load_training_data(options.training);
  for (const std::uint64_t seed : {1, 2}) {
    options.seed = seed;
    TrainingRun run(data, options);
    run_to_end(run);
    EXPECT_NEAR(run.measure_train_loss(), naive_train_loss(data, run.weights()), 1e-5);
  }
}

TEST(TrainingRun, MeasuresTheTrainingLossOfTheAveragedWeights) {
  RunOptions options = quick(), plain = quick();
  plain.training.ema.reset();
  TrainingRun averaged(options), last(plain);
  run_to_end(averaged);
  run_to_end(last);
  EXPECT_TRUE(std::ranges::equal(averaged.weights(), last.weights()));
  EXPECT_NE(averaged.measure_train_loss(), last.measure_train_loss());
}

TEST(TrainingRun, IsTheSameTrainingWhereItsTrainingLossIsMeasured) {
  TrainingRun whole(quick()), measured(quick());
  run_to_end(whole);
  while (measured.state() == TrialState::pending) {
    measured.step();
    if (measured.steps() % 20 == 0) measured.measure_train_loss();
  }
  EXPECT_TRUE(std::ranges::equal(measured.weights(), whole.weights()));
  EXPECT_EQ(measured.curve(), whole.curve());
}

class ResumedRun : public ::testing::TestWithParam<std::string> {};

TEST_P(ResumedRun, GivesTheBitsOfOneThatWasNeverInterrupted) {
  RunOptions options = quick();
  options.training.model = "mlp:16,16";  // with a matrix for Muon
  options.training.optimizer = {.name = GetParam()};
  TrainingRun whole(options);
  run_to_end(whole);
  TrainingRun first(options);
  for (int step = 0; step < 37; ++step) first.step();
  TrainingRun second(options);
  second.restore(first.checkpoint(), "memory");
  run_to_end(second);
  EXPECT_EQ(second.curve(), whole.curve());
  EXPECT_TRUE(std::ranges::equal(second.weights(), whole.weights()));
  EXPECT_EQ(second.checkpoint(), whole.checkpoint());
}

INSTANTIATE_TEST_SUITE_P(Optimizers, ResumedRun, ::testing::ValuesIn(optimizer_names()));

TEST(TrainingRun, StopsEarlyWhenTheLossGetsNoBetter) {
  RunOptions options = quick();
  options.training.budget_examples = 32000;
  options.lr = 1e-12;  // nothing changes
  options.min_delta = 1e-3;
  options.evaluations = 20;
  options.patience = 3;
  TrainingRun run(options);
  run_to_end(run);
  EXPECT_EQ(run.state(), TrialState::pruned);
  EXPECT_EQ(run.curve().size(), 4u);  // one that is the best, three without a better
}

TEST(TrainingRun, DivergenceIsAState) {
  RunOptions options = quick();
  options.training.optimizer = {.name = "sgd"};
  options.training.clipping = {};
  options.lr = 1e30;
  TrainingRun run(options);
  run_to_end(run);
  EXPECT_EQ(run.state(), TrialState::diverged);
}

TEST(Checkpoint, RefusesEveryAlteredByteAndEveryTruncation) {
  TrainingRun run(quick());
  for (int step = 0; step < 3; ++step) run.step();
  const std::string bytes = run.checkpoint();
  TrainingRun fresh(quick());
  for (std::size_t i = 0; i < bytes.size(); i += 997) {
    std::string altered = bytes;
    altered[i] = static_cast<char>(altered[i] ^ 0x10);
    EXPECT_NE(refusal(fresh, altered), "") << "byte " << i;
    EXPECT_NE(refusal(fresh, bytes.substr(0, i)), "") << i << " bytes";
  }
  EXPECT_THAT(refusal(fresh, "PNG"), HasSubstr("this is no checkpoint, file.ckpt"));
  EXPECT_THAT(refusal(fresh, bytes + "x"), HasSubstr("checksum"));
  EXPECT_EQ(refusal(fresh, bytes), "");
}

TEST(Checkpoint, RefusesAnotherTrainingAndNamesTheSetting) {
  TrainingRun run(quick());
  run.step();
  RunOptions other = quick();
  other.lr = 2e-3;
  TrainingRun wrong(other);
  EXPECT_THAT(refusal(wrong, run.checkpoint()), HasSubstr("lr is 0.001 there and 0.002 here"));
  other = quick();
  other.training.ema.reset();
  TrainingRun without(other);
  EXPECT_THAT(refusal(without, run.checkpoint()), HasSubstr("ema is 0.9 there and unset here"));
}

TEST(RunOptions, RefuseWhatIsOutOfRange) {
  const auto refused = [](auto&& change) {
    RunOptions options = quick();
    change(options);
    EXPECT_THROW(TrainingRun{options}, InputError);
  };
  refused([](RunOptions& o) { o.lr = 0.0; });
  refused([](RunOptions& o) { o.batch_size = 0; });
  refused([](RunOptions& o) { o.batch_size = 4000; });
  refused([](RunOptions& o) { o.micro_batch = 33; });
  refused([](RunOptions& o) { o.training.ema = 1.0; });
  refused([](RunOptions& o) { o.evaluations = 0; });
  refused([](RunOptions& o) { o.patience = -1; });
}

}  // namespace
}  // namespace etalon

#include "metrics/column_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runs/foreign_states.hpp"
#include "runs/metric.hpp"
#include "runs/update_kinds.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;

TEST(ColumnNames, AreWordsWhateverTheirSpelling) {
  for (const char* name : {"batch_size", "Batch Size", "batch-size", "batchSize", "BATCH_SIZE"}) {
    EXPECT_THAT(words_of(name), ElementsAre("batch", "size")) << name;
  }
  EXPECT_THAT(words_of("Test/Average loss"), ElementsAre("test", "average", "loss"));
  EXPECT_THAT(words_of("mAP@50"), ElementsAre("map", "50"));
  EXPECT_THAT(words_of(""), ElementsAre(""));
  EXPECT_THAT(words_of("__a__"), ElementsAre("a"));
}

struct Sense {
  const char* name;
  ColumnRole role;
};

class ColumnSense : public ::testing::TestWithParam<Sense> {};

TEST_P(ColumnSense, IsRecognized) {
  const auto sense = sense_of(GetParam().name);
  ASSERT_TRUE(sense) << GetParam().name;
  EXPECT_EQ(sense->role, GetParam().role) << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(
    OfOtherTools, ColumnSense,
    ::testing::Values(
        Sense{"params_batch_size", ColumnRole::batch_size},
        Sense{"config/train_batch_size", ColumnRole::batch_size},
        Sense{"IMS_PER_BATCH", ColumnRole::global_batch_size},
        Sense{"per_device_train_batch_size", ColumnRole::device_batch_size},
        Sense{"per_process_train_batch_size", ColumnRole::device_batch_size},
        Sense{"accumulate_grad_batches", ColumnRole::accumulation},
        Sense{"WORLD_SIZE", ColumnRole::processes}, Sense{"params.learning_rate", ColumnRole::lr},
        Sense{"hparams/optimizer/lr", ColumnRole::lr}, Sense{"BASE_LR", ColumnRole::lr},
        Sense{"lr0", ColumnRole::lr}, Sense{"train/learning_rate", ColumnRole::logged_lr},
        Sense{"lr-AdamW", ColumnRole::logged_lr}, Sense{"random_seed", ColumnRole::seed},
        Sense{"Status", ColumnRole::state}, Sense{"run_id", ColumnRole::run},
        Sense{"Run Name", ColumnRole::run}, Sense{"Relative Time (Process)", ColumnRole::aside},
        Sense{"optimizer_name", ColumnRole::optimizer},
        Sense{"num_train_epochs", ColumnRole::epochs},
        Sense{"trainer/global_step", ColumnRole::steps}));

TEST(ColumnNames, SayNothingWhereTheyOnlyResembleOne) {
  for (const char* name : {"min_lr", "final_lr", "lr_schedule", "batch_norm", "max_grad_norm",
                           "model_name", "warmup_steps", "width"}) {
    EXPECT_FALSE(sense_of(name)) << name;
  }
  EXPECT_TRUE(is_setting_name("model_name"));
  EXPECT_TRUE(is_setting_name("optimizer"));
  EXPECT_TRUE(is_setting_name("experiment"));
  EXPECT_FALSE(is_setting_name("width"));
}

class Maximized : public ::testing::TestWithParam<const char*> {};

TEST_P(Maximized, IsRecognizedByName) {
  const auto sense = metric_sense_of(GetParam());
  ASSERT_TRUE(sense) << GetParam();
  EXPECT_EQ(sense->mode, MetricMode::maximized) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Metrics, Maximized,
                         ::testing::Values("accuracy", "val_acc", "eval/accuracy", "Top1", "acc@1",
                                           "f1", "val_f1_score", "roc_auc", "AUROC", "BLEU",
                                           "sacrebleu", "reward", "episode_return", "mAP", "mIoU",
                                           "val_iou", "r2", "R2", "rougeL", "test_accuracy", "ndcg",
                                           "win_rate_elo", "neg_mean_squared_error", "valAccuracy",
                                           "exact_match_em"));

class Minimized : public ::testing::TestWithParam<const char*> {};

TEST_P(Minimized, IsRecognizedByName) {
  const auto sense = metric_sense_of(GetParam());
  ASSERT_TRUE(sense) << GetParam();
  EXPECT_EQ(sense->mode, MetricMode::minimized) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Metrics, Minimized,
                         ::testing::Values("loss", "val_loss", "eval/loss", "Test/Average loss",
                                           "perplexity", "val_ppl", "nll", "val_bpb", "rmse", "wer",
                                           "error_rate_top1_err", "neg_log_likelihood", "objective",
                                           "value", "top1_error", "final_validation_loss"));

TEST(MetricNames, AreNoneWhereTheyAreAboutOne) {
  for (const char* name : {"loss_fn", "loss_scale", "precision", "loss_weight", "learning_rate",
                           "batch_size", "label_smoothing", "val_loss_std", "epoch"}) {
    EXPECT_FALSE(metric_sense_of(name)) << name;
  }
}

// The likeliest first.
TEST(MetricNames, PreferWhatWasHeldOut) {
  const char* names[] = {"val_loss",  "test_loss",    "loss",
                         "objective", "val_accuracy", "test_accuracy",
                         "accuracy",  "train_loss",   "train_accuracy"};
  int last = -1;
  for (const char* name : names) {
    const auto sense = metric_sense_of(name);
    ASSERT_TRUE(sense) << name;
    EXPECT_GT(sense->rank, last) << name;
    last = sense->rank;
  }
  EXPECT_LT(metric_sense_of("final_val_loss")->rank, metric_sense_of("best_val_loss")->rank);
}

struct State {
  const char* text;
  TrialState state;
};

class ForeignState : public ::testing::TestWithParam<State> {};

TEST_P(ForeignState, IsUnderstood) {
  EXPECT_EQ(parse_foreign_state(GetParam().text), GetParam().state) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    OfOtherTools, ForeignState,
    ::testing::Values(
        State{"COMPLETE", TrialState::finished}, State{"PRUNED", TrialState::pruned},
        State{"FAIL", TrialState::failed}, State{"RUNNING", TrialState::pending},
        State{"WAITING", TrialState::pending}, State{"TrialState.COMPLETE", TrialState::finished},
        State{"finished", TrialState::finished}, State{"crashed", TrialState::failed},
        State{"failed", TrialState::failed}, State{"killed", TrialState::interrupted},
        State{"FINISHED", TrialState::finished}, State{"FAILED", TrialState::failed},
        State{"KILLED", TrialState::interrupted}, State{"SCHEDULED", TrialState::pending},
        State{"TERMINATED", TrialState::finished}, State{"ERROR", TrialState::failed},
        State{"COMPLETED", TrialState::finished}, State{"INVALID", TrialState::failed},
        State{"OUT_OF_MEMORY", TrialState::failed}, State{"PREEMPTED", TrialState::interrupted},
        State{"diverged", TrialState::diverged}));

TEST(ForeignStates, AreNoneOfAnotherWord) {
  for (const char* text : {"", " ", "CA", "7", "deployed", "finish line"}) {
    EXPECT_FALSE(parse_foreign_state(text)) << text;
  }
}

TEST(UpdateKinds, FollowTheOptimizersName) {
  for (const char* name :
       {"SGD", "sgd_momentum", "torch.optim.SGD", "Nesterov", "lars", "heavy-ball"}) {
    EXPECT_EQ(update_kind_of(name), UpdateKind::sgd) << name;
  }
  for (const char* name : {"Adam", "adamw_torch", "RMSprop", "LAMB", "Lion", "torch.optim.Muon",
                           "adafactor", "adaptive", "adamomentum"}) {
    EXPECT_EQ(update_kind_of(name), UpdateKind::adaptive) << name;
  }
  EXPECT_FALSE(update_kind_of("mine"));
  EXPECT_FALSE(update_kind_of(""));
}

}  // namespace
}  // namespace etalon

// Tables as other tools and other people write them: which of their rows are runs, and what the
// batch size, the learning rate and the loss of each is.
#include "runs/foreign_runs.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace etalon {
namespace {

using testing::at;
using testing::batch_sizes_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::losses_of;
using testing::message_of;
using ::testing::Not;
using testing::Read;
using ::testing::SizeIs;
using testing::take_case;
using testing::take_text;

TEST(ForeignRuns, OfOptunaAreThoseThatCompleted) {
  const Read read = take_case("optuna_states.csv");
  EXPECT_THAT(read.runs(), SizeIs(24));
  EXPECT_THAT(batch_sizes_of(read.runs()), ElementsAre(64, 128, 256, 512));
  for (const Observation& run : read.runs()) EXPECT_FALSE(run.diverged());
  EXPECT_EQ(at(read.runs(), 64, 0.0006).loss, 2.899324);  // its pruned twin has 3.526207
  EXPECT_THAT(read.said, Contains("left out 12 rows in state 'PRUNED'"));
  EXPECT_THAT(read.said, Contains("left out 2 rows in state 'FAIL'"));
}

TEST(ForeignRuns, OfEveryToolAreThoseThatEndedAsTheyShould) {
  const char* tools[][2] = {
      {"finished", "crashed"}, {"finished", "killed"},  {"FINISHED", "FAILED"},
      {"FINISHED", "KILLED"},  {"TERMINATED", "ERROR"}, {"COMPLETED", "INVALID"},
      {"COMPLETE", "RUNNING"}, {"finished", "failed"},  {"success", "preempted"}};
  for (const auto& [good, bad] : tools) {
    const std::string text = std::string("batch_size,lr,loss,State\n32,0.1,2,") + good +
                             "\n32,0.2,1," + bad + "\n32,0.4,nan," + good + "\n32,0.8,," + bad +
                             "\n";
    const Read read = take_text(text);
    ASSERT_THAT(read.runs(), SizeIs(2)) << bad;
    EXPECT_EQ(read.runs()[0].loss, 2.0) << bad;
    EXPECT_TRUE(read.runs()[1].diverged()) << bad;
    EXPECT_THAT(read.said, Contains("left out 2 rows in state '" + std::string(bad) + "'"));
  }
}

TEST(ForeignRuns, AreNoneWhereNoneHasEnded) {
  EXPECT_THAT(message_of("batch_size,lr,loss,state\n32,0.1,2,RUNNING\n"),
              HasSubstr("no run has ended: left out 1 row in state 'RUNNING'"));
}

TEST(ForeignRuns, AreAllOfThemWhereAColumnOfThatNameSaysNoStates) {
  EXPECT_THAT(take_text("batch_size,lr,loss,state\n32,0.1,2,CA\n32,0.2,2,NY\n32,0.4,2,\n").groups,
              Not(IsEmpty()));
  EXPECT_THAT(take_text("batch_size,lr,loss,state\n32,0.1,2,RUNNING\n", {.state = "none"}).runs(),
              SizeIs(1));
}

// A finished run that has no loss did not log it: nothing says that it diverged.
TEST(ForeignRuns, WithoutALossAreNoDivergencesWhereAStateTellsOfThose) {
  const Read read = take_text(
      "batch_size,lr,loss,state\n32,0.1,2,FINISHED\n32,0.2,,FINISHED\n32,0.4,,diverged\n");
  ASSERT_THAT(read.runs(), SizeIs(2));
  EXPECT_EQ(read.runs()[1].lr, 0.4);
  EXPECT_TRUE(read.runs()[1].diverged());
  EXPECT_THAT(read.said, Contains("left out 1 row without a 'loss' that did not diverge"));
}

TEST(ForeignRuns, ThatExitedWithAnErrorAreLeftOut) {
  const Read read =
      take_text("batch_size,lr,loss,exit_code\n32,0.1,2,0\n32,0.2,,1\n32,0.4,1,137\n");
  EXPECT_THAT(read.runs(), SizeIs(1));
  EXPECT_THAT(read.said, Contains("left out 1 row of exit code '137'"));
}

TEST(ForeignRuns, DivergeWhereAFlagSaysSo) {
  const Read read = take_text("batch_size,lr,loss,diverged\n32,0.1,2,False\n32,0.2,9e9,True\n");
  EXPECT_FALSE(read.runs()[0].diverged());
  EXPECT_TRUE(read.runs()[1].diverged());
}

TEST(ForeignRuns, ThatAFlagCallsFailedAreLeftOut) {
  const Read read =
      take_text("batch_size,lr,loss,failed\n32,0.1,2,false\n32,0.2,,true\n32,0.4,2.5,false\n");
  EXPECT_THAT(losses_of(read.runs()), ElementsAre(2, 2.5));
  EXPECT_THAT(read.said, Contains("left out 1 row that 'failed' says failed"));
}

TEST(ForeignRuns, OfAnAccuracyHaveWhatIsMissingToOneAsTheLoss) {
  const Read read = take_case("accuracy.csv");
  EXPECT_THAT(read.runs(), SizeIs(28));
  EXPECT_NEAR(at(read.runs(), 32, 0.02828).loss.value(), 1 - 0.9192, 1e-12);
  EXPECT_THAT(read.said, Contains(HasSubstr("'val_accuracy' to be maximized: the loss is 1 - "
                                            "val_accuracy")));
}

TEST(ForeignRuns, OfAMetricAreMeasuredFromItsBound) {
  const std::string rows = "\n32,0.1,70\n32,0.2,90.5\n";
  EXPECT_THAT(losses_of(take_text("batch_size,lr,acc" + rows).runs()), ElementsAre(30, 9.5));
  EXPECT_THAT(losses_of(take_text("batch_size,lr,reward" + rows).runs()), ElementsAre(-70, -90.5));
  EXPECT_THAT(losses_of(take_text("batch_size,lr,wer" + rows).runs()), ElementsAre(70, 90.5));
  EXPECT_THAT(
      losses_of(take_text("batch_size,lr,wer" + rows, {.mode = MetricMode::maximized}).runs()),
      ElementsAre(30, 9.5));
  EXPECT_THAT(
      losses_of(take_text("batch_size,lr,acc" + rows, {.mode = MetricMode::minimized}).runs()),
      ElementsAre(70, 90.5));
}

TEST(ForeignRuns, HaveTheHeldOutLoss) {
  const Read read = take_case("train_and_test_loss.csv");
  EXPECT_EQ(at(read.runs(), 32, 0.0004).loss, 0.44954);
  EXPECT_THAT(read.said, Contains("took column 'test_loss' as the loss"));
  const std::string rows = "\n32,0.1,1,2\n";
  for (const char* name : {"val_loss", "eval/loss", "Validation Loss", "dev_loss", "test_loss",
                           "final_val_loss", "epoch_val_loss", "Test/Average loss"}) {
    const std::string header = std::string("batch_size,lr,train_loss,") + name;
    EXPECT_THAT(losses_of(take_text(header + rows).runs()), ElementsAre(2)) << name;
  }
}

// Which way a metric of no known name is better cannot be known.
TEST(ForeignRuns, OfAnUnknownMetricAreSaidToBeMinimized) {
  const std::string text = "batch_size,lr,exact_match\n32,0.1,1\n32,0.2,2\n";
  const Read read = take_text(text, {.loss = "exact_match"});
  EXPECT_THAT(read.said, Contains(HasSubstr("'exact_match' to be minimized")));
}

// The name of a loss function is no loss.
TEST(ForeignRuns, HaveALossThatIsANumber) {
  const Read read = take_text("batch_size,lr,loss,accuracy\n32,0.1,mse,0.5\n32,0.2,mse,0.75\n");
  EXPECT_THAT(losses_of(read.runs()), ElementsAre(0.5, 0.25));
}

TEST(ForeignRuns, HaveTheSettingAndNotTheScheduleSLastValue) {
  const Read read = take_case("lr_is_last_of_schedule.csv");
  EXPECT_THAT(read.runs(), SizeIs(24));
  EXPECT_THAT(batch_sizes_of(read.runs()), ElementsAre(12, 24, 48, 96));
  EXPECT_EQ(at(read.runs(), 12, 0.0006).loss, 3.19968);
  EXPECT_THAT(read.said, Contains(HasSubstr("took column 'learning_rate' as the learning rate: "
                                            "'lr' is at or below it in every row")));
  EXPECT_THAT(read.said, Contains(HasSubstr("'gradient_accumulation_steps' is the same in every "
                                            "row")));
  EXPECT_THAT(read.groups, SizeIs(1));
}

TEST(ForeignRuns, HaveTheGreaterOfTwoLearningRatesInEitherOrder) {
  const Read read = take_text("batch_size,learning_rate,lr,loss\n32,1e-5,1e-3,2\n32,2e-5,2e-3,2\n");
  EXPECT_EQ(read.runs()[0].lr, 1e-3);
}

TEST(ForeignRuns, HaveBatchSizesOfAllMicroSteps) {
  const Read read = take_case("accumulation.csv");
  EXPECT_THAT(batch_sizes_of(read.runs()), ElementsAre(64, 128, 256, 512));
  EXPECT_EQ(at(read.runs(), 64, 0.0006).loss, 2.89992);
  EXPECT_THAT(read.said, Contains(HasSubstr("took 'batch_size' x 'gradient_accumulation_steps' as "
                                            "the batch size")));
}

TEST(ForeignRuns, HaveBatchSizesOfAllDevices) {
  const auto sizes = [](const std::string& text, const RequestedColumns& requested = {}) {
    return batch_sizes_of(take_text(text, requested).runs());
  };
  EXPECT_THAT(sizes("per_device_train_batch_size,gradient_accumulation_steps,world_size,lr,loss\n"
                    "8,4,2,0.1,2\n8,2,16,0.1,2\n"),
              ElementsAre(64, 256));
  EXPECT_THAT(sizes("micro_batch_size,devices,num_nodes,lr,loss\n8,4,2,0.1,2\n8,4,4,0.1,2\n"),
              ElementsAre(64, 128));
  // Nodes are in the world's size already.
  EXPECT_THAT(sizes("micro_batch_size,world_size,num_nodes,lr,loss\n8,8,2,0.1,2\n"),
              ElementsAre(64));
  // A global batch size counts everything.
  EXPECT_THAT(sizes("global_batch_size,batch_size,world_size,lr,loss\n64,8,8,0.1,2\n"),
              ElementsAre(64));
  // As DeepSpeed has it: what a device takes says that the other is of the update.
  EXPECT_THAT(sizes("train_batch_size,train_micro_batch_size_per_gpu,accumulation,lr,loss\n"
                    "64,8,8,0.1,2\n128,8,16,0.1,2\n"),
              ElementsAre(64, 128));
  // One micro-batch at every batch size: that is counted with its micro-steps.
  EXPECT_THAT(sizes("batch_size,accumulation,lr,loss\n64,4,0.1,2\n128,8,0.1,2\n"),
              ElementsAre(64, 128));
  // As the user says.
  EXPECT_THAT(sizes("batch_size,accumulation,lr,loss\n16,4,0.1,2\n16,8,0.1,2\n",
                    {.batch_size = "batch_size"}),
              ElementsAre(16));
  EXPECT_THAT(sizes("batch_size,accumulation,lr,loss\n16,4,0.1,2\n16,8,0.1,2\n",
                    {.batch_is = "2 * Batch-Size*accumulation"}),
              ElementsAre(128, 256));
  EXPECT_THAT(message_of("batch_size,lr,loss\n16,0.1,2\n", {.batch_is = "batch_size*gpus"}),
              HasSubstr("no column 'gpus'"));
  EXPECT_THAT(message_of("batch_size,lr,loss\n16,0.1,2\n", {.batch_is = "64"}),
              HasSubstr("names no column"));
}

TEST(ForeignRuns, AreRefusedOutsideTheBounds) {
  for (const char* lr : {"1e-320", "1e-31", "1e31", "1e300", "inf", "nan", "0", "-1"}) {
    EXPECT_THAT(message_of("batch_size,lr,loss\n32,0.1,2\n32," + std::string(lr) + ",2\n"),
                HasSubstr("runs:3"))
        << lr;
  }
  for (const char* size : {"1e300", "1e16", "0", "0.5", "inf", "nan", "-8"}) {
    EXPECT_THAT(message_of("batch_size,lr,loss\n32,0.1,2\n" + std::string(size) + ",0.1,2\n"),
                HasSubstr("runs:3"))
        << size;
  }
}

TEST(ForeignRuns, AreQuotedShortened) {
  const std::string message =
      message_of("batch_size,lr,loss\n32,0.1,2\n32,0.1," + std::string(1 << 20, 'x') + "\n");
  EXPECT_LT(message.size(), 300u);
  EXPECT_THAT(message, HasSubstr("runs:3"));
}

// As MLflow's page exports runs of several kinds: the schedule's last value beside the setting,
// crashed runs without a loss, and the batch size of a device.
TEST(ForeignRuns, AreReadFromATableOfMLflow) {
  std::string text =
      "Start Time,Run ID,Status,Source Type,learning_rate,per_device_train_batch_size,"
      "gradient_accumulation_steps,learning_rate,eval_loss\n";
  for (const int accumulation : {2, 4}) {
    for (const double lr : {0.1, 0.2, 0.4}) {
      text += fmt::format("0,{}-{},FINISHED,LOCAL,{},16,{},{},{}\n", accumulation, lr, lr,
                          accumulation, lr / 100, 2.0 + lr);
    }
  }
  text += "0,x,FAILED,LOCAL,0.8,16,2,,\n";
  for (int i = 0; i < 15; ++i) text += "0,evaluation,FINISHED,LOCAL,,,,,0.5\n";  // another kind
  const Read read = take_text(text);
  EXPECT_THAT(batch_sizes_of(read.runs()), ElementsAre(32, 64));
  EXPECT_THAT(read.runs(), SizeIs(6));
  EXPECT_EQ(read.runs().front().lr, 0.1);
  EXPECT_THAT(read.said, Contains(HasSubstr("left out 1 row in state 'FAILED'")));
  EXPECT_THAT(read.said,
              Contains(HasSubstr("left out 15 rows without a 'per_device_train_batch_size'")));
}

TEST(ForeignRuns, SayWhichOfItsMeaningsABatchSizeWasTakenIn) {
  const std::string rows = "32,0.1,2\n32,0.2,3\n";
  EXPECT_THAT(take_text("train_batch_size,lr,loss\n" + rows).said,
              Contains(HasSubstr("as DeepSpeed means it; Hugging Face means that of one process")));
  EXPECT_THAT(take_text("per_device_train_batch_size,lr,loss\n" + rows).said,
              Contains(HasSubstr("as if there were one device and no accumulation")));
}

TEST(ForeignRuns, AreComparedByWhatWasMeasuredNotByTheNameOfTheLossFunction) {
  std::string text = "batch_size,lr,loss,val_acc\n";
  for (const char* loss : {"mse", "huber"}) {
    for (const int k : {1, 2, 3, 4}) text += fmt::format("32,{},{},0.{}\n", 0.1 * k, loss, k);
  }
  const Read read = take_text(text);
  ASSERT_THAT(read.groups, SizeIs(2));
  EXPECT_EQ(read.groups[0].key.front(), (std::pair<std::string, std::string>("loss", "mse")));
}

}  // namespace
}  // namespace etalon

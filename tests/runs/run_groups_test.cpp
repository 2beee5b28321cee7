#include "runs/run_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<RunGroup> groups_of(const std::string& text, const RequestedColumns& requested = {}) {
  std::istringstream input(text);
  const Table table = read_table(input, "runs");
  return group_runs(table, guess_columns(table, requested).columns).groups;
}

std::string message_of(const std::string& text, const RequestedColumns& requested = {}) {
  try {
    groups_of(text, requested);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(RunGroups, TakeALossThatIsNoNumberAsADivergence) {
  const auto groups = groups_of("batch_size,lr,loss\n32,0.1,nan\n32,0.2,inf\n32,0.05,2\n");
  ASSERT_THAT(groups, SizeIs(1));
  EXPECT_EQ(groups[0].observations[0].loss, 2.0);
  EXPECT_TRUE(groups[0].observations[1].diverged());
  EXPECT_TRUE(groups[0].observations[2].diverged());
}

// Whatever the order of the rows.
TEST(RunGroups, PairNothingWithoutASeedColumn) {
  const auto groups = groups_of("batch_size,lr,loss\n32,0.2,2\n32,0.1,2.1\n32,0.1,2\n");
  const auto& runs = groups[0].observations;
  ASSERT_THAT(runs, SizeIs(3));
  for (const Observation& run : runs) EXPECT_FALSE(run.seed);
  EXPECT_EQ(runs[0].loss, 2.0);
  EXPECT_EQ(runs[1].loss, 2.1);
  EXPECT_EQ(runs[2].lr, 0.2);
}

TEST(RunGroups, KnowWhatEveryRunSaw) {
  EXPECT_EQ(groups_of("batch_size,lr,loss,steps\n32,0.1,2,512\n64,0.1,2,256\n")[0].examples, 16384);
  EXPECT_EQ(groups_of("batch_size,lr,loss,examples\n32,0.1,2,500\n64,0.1,2,500\n")[0].examples,
            500);
  // Rounded to whole steps; a run that diverged says nothing.
  EXPECT_EQ(
      groups_of("batch_size,lr,loss,steps\n32,0.1,2,31\n64,0.1,2,16\n64,1,nan,3\n")[0].examples,
      992);
}

TEST(RunGroups, KnowNotWhatRunsSawInTokensOrByFixedSteps) {
  EXPECT_FALSE(groups_of("batch_size,lr,loss,tokens\n32,0.1,2,500\n64,0.1,2,500\n")[0].examples);
  EXPECT_FALSE(groups_of("batch_size,lr,loss,steps\n32,0.1,2,500\n64,0.1,2,500\n")[0].examples);
  EXPECT_FALSE(groups_of("batch_size,lr,loss\n32,0.1,2\n64,0.1,2\n")[0].examples);
  // Fewer than a batch: the column counts something else.
  EXPECT_FALSE(groups_of("batch_size,lr,loss,examples\n32,0.1,2,20\n64,0.1,2,20\n")[0].examples);
}

TEST(RunGroups, KnowWhetherTheyHoldStepsOrExamples) {
  const std::string header = "batch_size,lr,loss,steps\n";
  EXPECT_TRUE(groups_of(header + "32,0.1,2,500\n64,0.1,2,500\n")[0].holds_steps);
  EXPECT_FALSE(groups_of(header + "32,0.1,2,500\n64,0.1,2,250\n")[0].holds_steps);
}

TEST(RunGroups, KeepSettingsApart) {
  const std::string text = "bs,eta,final_loss,width\n32,0.1,2,8\n32,0.1,3,16\n32,0.2,4,8\n";
  const auto groups = groups_of(text, {.group_by = std::vector<std::string>{"width"}});
  ASSERT_THAT(groups, SizeIs(2));
  EXPECT_THAT(groups[0].observations, SizeIs(2));
  EXPECT_EQ(groups[1].key[0].second, "16");
}

TEST(RunGroups, KeepRecipesApartWhoseBetasDiffer) {
  const auto groups =
      groups_of("batch_size,lr,loss,beta1,beta2\n32,0.1,2,,0.9\n32,0.1,1,0.6,0.9\n32,0.2,3,,0.9\n");
  ASSERT_THAT(groups, SizeIs(2));
  EXPECT_THAT(groups[0].observations, SizeIs(2));
  EXPECT_EQ(groups[0].key, (std::vector<std::pair<std::string, std::string>>{{"beta1", ""}}));
  EXPECT_EQ(groups[1].key[0].second, "0.6");
}

TEST(RunGroups, ReadTheTrialsOfAStudy) {
  const auto groups = groups_of(
      "batch_size,lr,seed,state,objective,steps\n"
      "32,0.1,7,finished,2,100\n32,0.9,7,diverged,,3\n32,0.2,7,failed,,0\n");
  ASSERT_THAT(groups[0].observations, SizeIs(2));
  EXPECT_EQ(groups[0].observations[0].seed, 7u);
  EXPECT_FALSE(groups[0].observations[1].loss);
}

TEST(RunGroups, SayWhichColumnsWereGuessed) {
  std::istringstream input("batch,learning_rate,val_loss\n1,1,1\n");
  const auto guessed = guess_columns(read_table(input, "runs"), {});
  EXPECT_THAT(guessed.guesses, SizeIs(3));
  EXPECT_THAT(guessed.guesses[2], HasSubstr("'val_loss'"));
}

TEST(RunGroups, NameTheMissingColumn) {
  EXPECT_THAT(message_of("batch,lr\n1,1\n"), HasSubstr("loss_column"));
  EXPECT_THAT(message_of("batch,lr,loss\n1,1,1\n", {.loss = "score"}), HasSubstr("'score'"));
}

TEST(RunGroups, NameTheRowAndColumnOfBadValues) {
  EXPECT_THAT(message_of("batch_size,lr,loss\n32,0.1,2\n32,x,2\n"),
              ::testing::AllOf(HasSubstr("runs:3"), HasSubstr("'lr'")));
  EXPECT_THAT(message_of("batch_size,lr,loss\n32,0,2\n"), HasSubstr("no learning rate, runs:2"));
  EXPECT_THAT(message_of("batch_size,lr,loss\n-32,0.1,2\n"), HasSubstr("is -32, runs:2"));
}

TEST(RunGroups, RefuseMixedBudgets) {
  EXPECT_THAT(message_of("batch_size,lr,loss,steps\n32,0.1,2,100\n64,0.1,2,200\n"),
              HasSubstr("group_by"));
  EXPECT_EQ(message_of("batch_size,lr,loss,steps\n32,0.1,2,100\n64,0.1,2,50\n"), "");
}

TEST(RunGroups, NameBothBudgetsThatAreMixedAndTheirRows) {
  const std::string steps = message_of("batch_size,lr,loss,steps\n32,0.1,2,100\n64,0.1,2,200\n");
  EXPECT_THAT(steps,
              ::testing::AllOf(HasSubstr("1.28e+04 examples"), HasSubstr("3200 in that of line 2"),
                               HasSubstr("runs:3"), HasSubstr("group_by")));
  EXPECT_THAT(message_of("batch_size,lr,loss,epochs\n32,0.1,2,1\n64,0.1,2,3\n"),
              HasSubstr("3 epochs in this row, 1 in that of line 2"));
  const RequestedColumns by_model = {.group_by = std::vector<std::string>{"model"}};
  EXPECT_THAT(
      message_of("batch_size,lr,loss,tokens,model\n32,0.1,2,1e9,a\n64,0.1,2,3e9,a\n", by_model),
      HasSubstr("3e+09 tokens"));
}

TEST(RunGroups, TakeBudgetsInGroupsOfTheirOwnAsUnmixed) {
  const RequestedColumns by_epochs = {.group_by = std::vector<std::string>{"epochs"}};
  EXPECT_EQ(message_of("batch_size,lr,loss,epochs\n32,0.1,2,1\n64,0.1,2,3\n", by_epochs), "");
}

TEST(RunGroups, TakeAnEmptyLossAsADivergenceAndSaySo) {
  std::istringstream input("batch_size,lr,loss\n32,0.1,2\n32,0.4,\n");
  const Table table = read_table(input, "runs");
  const GroupedRuns runs = group_runs(table, guess_columns(table, {}).columns);
  EXPECT_THAT(runs.said.back(), HasSubstr("1 row with an empty 'loss' as diverged"));
  EXPECT_FALSE(runs.groups[0].observations[1].loss);
}

TEST(RunGroups, TakeSeedsAsLabels) {
  const auto groups = groups_of("batch_size,lr,loss,seed\n32,0.1,2,a\n32,0.1,2,b\n32,0.2,2,a\n");
  const auto& runs = groups[0].observations;
  EXPECT_EQ(runs[0].seed, runs[2].seed);
  EXPECT_NE(runs[0].seed, runs[1].seed);
}

TEST(RunGroups, NameATextColumn) {
  EXPECT_THAT(message_of("batch_size,lr,loss\n32,0.1,good\n"),
              ::testing::AllOf(HasSubstr("'good'"), HasSubstr("'loss'"), HasSubstr("runs:2")));
}

TEST(RunGroups, GuessColumnsWithoutRegardToCaseBlanksAndHyphens) {
  const auto groups = groups_of("Batch Size,learning-rate, LOSS\n32,0.1,2\n");
  EXPECT_EQ(groups[0].observations[0].batch_size, 32.0);
  EXPECT_EQ(groups[0].observations[0].loss, 2.0);
  EXPECT_EQ(message_of("B,LR,Val-Loss,score\n32,0.1,2,3\n", {.loss = "Score"}), "");
}

TEST(RunGroups, NameTheOnlyColumnOfAnUnknownSeparator) {
  EXPECT_THAT(message_of("batch_size lr loss\n32 0.1 2\n"),
              ::testing::AllOf(HasSubstr("'batch_size lr loss'"), HasSubstr("commas")));
}

TEST(RunGroups, NameTheDecimalComma) {
  EXPECT_THAT(message_of("batch_size;lr;loss\n32;0,1;2\n"), HasSubstr("with a point"));
}

class BudgetColumn : public ::testing::TestWithParam<const char*> {};

// As loggers write it: one run, three rows.
TEST_P(BudgetColumn, IsRecognizedAndSaid) {
  const std::string name = GetParam();
  std::string header = "batch_size,lr,loss,";
  header.append(name).append("\n");
  EXPECT_THAT(message_of(header + "32,0.1,3,100\n32,0.1,2,1000\n"),
              HasSubstr("two budgets are mixed"));
  std::istringstream input(header + "32,0.1,3,100\n");
  EXPECT_THAT(guess_columns(read_table(input, "runs"), {}).guesses.back(),
              HasSubstr(name + "' as the budget"));
}

INSTANTIATE_TEST_SUITE_P(RunGroups, BudgetColumn,
                         ::testing::Values("step", "steps", "Step", "global_step", "iteration",
                                           "iterations", "epoch", "Epochs", "tokens_seen",
                                           "Tokens Seen", "examples_seen", "samples_seen",
                                           "samples", "train-tokens"));

TEST(RunGroups, CheckTheBudgetThatIsNamedOrNone) {
  const std::string text = "batch_size,lr,loss,step,work\n32,0.1,3,100,1\n32,0.1,2,1000,1\n";
  EXPECT_THAT(message_of(text), HasSubstr("two budgets"));
  EXPECT_EQ(message_of(text, {.budget = "none"}), "");
  EXPECT_EQ(message_of(text, {.budget = "work"}), "");
  EXPECT_THAT(message_of(text, {.budget = "step"}), HasSubstr("two budgets"));
  EXPECT_THAT(message_of(text, {.budget = "wrok"}), HasSubstr("'wrok'"));
}

TEST(RunGroups, MultiplyNamedStepsByTheBatchSize) {
  const std::string text = "batch_size,lr,loss,step\n32,0.1,3,1000\n64,0.1,2,500\n";
  EXPECT_EQ(message_of(text, {.budget = "step"}), "");
}

// 3000 examples are 93 steps of 32, but 5 of 512.
TEST(RunGroups, TakeBudgetsThatDifferByAStepOfTheLargerBatchAsOne) {
  EXPECT_EQ(message_of("batch_size,lr,loss,steps\n32,0.1,2,93\n512,0.1,2,5\n"), "");
  EXPECT_EQ(message_of("batch_size,lr,loss,steps\n512,0.1,2,5\n32,0.1,2,93\n"), "");
  EXPECT_EQ(message_of("batch_size,lr,loss,examples\n32,0.1,2,2976\n512,0.1,2,2560\n"), "");
  EXPECT_THAT(message_of("batch_size,lr,loss,steps\n32,0.1,2,93\n512,0.1,2,4\n"),
              HasSubstr("two budgets"));
  EXPECT_THAT(message_of("batch_size,lr,loss,epoch\n32,0.1,2,9\n512,0.1,2,10\n"),
              HasSubstr("two budgets"));
}

TEST(RunGroups, TakeALogThatCountsFromZeroAndBlankBudgets) {
  EXPECT_EQ(message_of("batch_size,lr,loss,epoch\n32,0.1,2,0\n64,0.1,2,0\n32,0.2,2,\n"), "");
  // As trainers write a bound that is not set.
  EXPECT_EQ(message_of("batch_size,lr,loss,epochs,max_steps\n32,0.1,2,3,-1\n"), "");
  EXPECT_THAT(message_of("batch_size,lr,loss,epoch\n32,0.1,2,-2\n"),
              HasSubstr("budget_column none"));
  EXPECT_THAT(message_of("batch_size,lr,loss,samples\n32,0.1,2,many\n"),
              HasSubstr("budget_column none"));
}

TEST(RunGroups, TakeStepsInGroupsOfTheirOwnAsUnmixed) {
  const RequestedColumns by_steps = {.group_by = std::vector<std::string>{"steps"}};
  EXPECT_EQ(message_of("batch_size,lr,loss,steps\n32,0.1,2,100\n64,0.1,2,100\n", by_steps), "");
}

}  // namespace
}  // namespace etalon

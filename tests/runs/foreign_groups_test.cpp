// Tables as other tools and other people write them: which of their runs belong together, by
// settings, budgets and the rows of a log.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runs/foreign_runs.hpp"

namespace etalon {
namespace {

using testing::at;
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

TEST(ForeignGroups, OfEqualStepsHaveOneBudget) {
  const Read read = take_case("fixed_steps.csv");
  EXPECT_THAT(read.groups, SizeIs(1));
  EXPECT_EQ(at(read.runs(), 32, 0.002).loss, 3.9024);  // the held-out one
  EXPECT_THAT(read.said, Contains(HasSubstr("the budget as one in steps (5000)")));
  const Read epochs = take_text("batch_size,lr,loss,epochs\n32,0.1,2,1\n64,0.1,2,2\n");
  EXPECT_THAT(epochs.said, Contains(HasSubstr("the budget as one in steps")));
}

TEST(ForeignGroups, OfSeveralModelsAreGroupsOfTheirOwn) {
  const Read read = take_case("two_models.csv");
  ASSERT_THAT(read.groups, SizeIs(2));
  EXPECT_THAT(read.groups[0].observations, SizeIs(28));
  EXPECT_EQ(read.groups[1].key[0].first, "model_name");
  EXPECT_EQ(read.groups[1].key[0].second, "conv_large");
  EXPECT_THAT(read.said, Contains("took one group per 'model_name'"));
}

// Whatever the column is called.
std::string crossed(const std::string& name, const std::vector<std::string>& values) {
  std::string text = "batch_size,lr,loss," + name + "\n";
  for (const std::string& value : values) {
    for (const char* place : {"32,0.1", "32,0.2", "32,0.4", "64,0.1", "64,0.2", "64,0.4"}) {
      text += std::string(place) + ",2," + value + "\n";
    }
  }
  return text;
}

TEST(ForeignGroups, AreToldApartByAnySettingThatIsCrossedWithTheSweep) {
  EXPECT_THAT(take_text(crossed("augmentation", {"none", "randaug"})).groups, SizeIs(2));
  EXPECT_THAT(take_text(crossed("dropout", {"0", "0.1", "0.3"})).groups, SizeIs(3));
  EXPECT_THAT(take_text(crossed("use_bn", {"True", "False"})).groups, SizeIs(2));
  EXPECT_THAT(take_text(crossed("width", {"256"})).groups, SizeIs(1));
}

// MLflow's runs say the experiment that they are of, and many people call a run so.
TEST(ForeignGroups, AreToldApartByTheirExperimentUnlessThatNamesARun) {
  for (const char* name : {"experiment", "experiment_name", "experiment_id"}) {
    const Read read = take_text(crossed(name, {"a", "b"}));
    EXPECT_THAT(read.groups, SizeIs(2)) << name;
    EXPECT_THAT(read.said, Contains(HasSubstr("took one group per '"))) << name;
    EXPECT_THAT(take_text(crossed(name, {"a"})).groups[0].key, IsEmpty()) << name;
    EXPECT_THAT(take_text(fmt::format("batch_size,lr,loss,{}\n32,0.1,2,a\n32,0.2,2,b\n64,0.1,2,c\n"
                                      "64,0.2,2,d\n",
                                      name))
                    .groups,
                SizeIs(1))
        << name;
  }
}

TEST(ForeignGroups, AreOneGroupWhereAnExperimentIsALearningRateOrABatchSize) {
  const std::string header = "batch_size,lr,loss,seed,experiment\n";
  const auto experiments = [&](const char* format) {
    std::string text = header;
    for (const int batch_size : {32, 64}) {
      for (const double lr : {0.1, 0.2, 0.4}) {
        for (const int seed : {1, 2}) {
          text += fmt::format("{},{},2,{},", batch_size, lr, seed) +
                  fmt::format(fmt::runtime(format), batch_size, lr) + '\n';
        }
      }
    }
    return take_text(text).groups;
  };
  EXPECT_THAT(experiments("b{}_lr{}"), SizeIs(1));
  EXPECT_THAT(experiments("lr{1}"), SizeIs(1));
  EXPECT_THAT(experiments("b{0}"), SizeIs(1));
}

// A log of which each row names its run.
TEST(ForeignGroups, AreJoinedByTheirExperimentWhereThatNamesThem) {
  const Read read = take_text(
      "batch_size,lr,loss,epoch,experiment\n32,0.1,3,1,a\n32,0.1,2,2,a\n32,0.2,4,1,b\n"
      "32,0.2,1,2,b\n64,0.1,4,1,c\n64,0.1,3,2,c\n");
  ASSERT_THAT(read.groups, SizeIs(1));
  EXPECT_THAT(read.runs(), SizeIs(3));
}

TEST(ForeignGroups, AreNotToldApartByWhatFollowsFromTheSweep) {
  const Read read = take_text(
      "batch_size,lr,loss,warmup,min_lr\n32,0.1,2,100,0.01\n32,0.2,2,100,0.02\n"
      "64,0.1,2,50,0.01\n64,0.2,2,50,0.02\n");
  EXPECT_THAT(read.groups, SizeIs(1));
  EXPECT_THAT(read.said, Contains(HasSubstr("left aside 'warmup', 'min_lr': fixed by the batch "
                                            "size or the learning rate")));
}

TEST(ForeignGroups, OfOneBudgetAreOneGroupWhateverItIsCalled) {
  for (const char* name : {"tokens", "examples", "epochs"}) {
    const Read read = take_text(
        fmt::format("batch_size,lr,loss,{}\n32,0.1,2,6400\n32,0.2,2,6400\n64,0.1,2,6400\n", name));
    ASSERT_THAT(read.groups, SizeIs(1)) << name;
    EXPECT_THAT(read.groups[0].key, IsEmpty()) << name;
    EXPECT_THAT(read.said, Contains(fmt::format("took column '{}' as the budget", name)));
    EXPECT_THAT(read.said, Not(Contains(HasSubstr("left aside")))) << name;
  }
  const Read rounded = take_text(
      "batch_size,lr,loss,tokens\n32,0.1,2,6400\n32,0.2,2,6400\n48,0.1,2,6432\n48,0.2,2,6432\n");
  EXPECT_THAT(rounded.groups[0].key, IsEmpty());
  EXPECT_THAT(rounded.said, Not(Contains(HasSubstr("left aside"))));
  EXPECT_THAT(take_text(crossed("tokens", {"1e9", "2e9"})).groups, SizeIs(2));
}

// Twenty thousand rows with a key of their own, and columns that are too many to be settings.
TEST(ForeignGroups, MakeNoGroupsOfKeysThatHardlyRepeat) {
  std::string lines, header = "batch_size,lr,loss", rows;
  for (int i = 0; i < 20000; ++i) {
    lines +=
        "{\"batch_size\": 32, \"lr\": 0.1, \"loss\": 2, \"key" + std::to_string(i) + "\": 1}\n";
  }
  EXPECT_THAT(take_text(lines).groups, SizeIs(1));
  for (int i = 0; i < 30; ++i) header += ",x" + std::to_string(i);
  for (int row = 0; row < 64; ++row) {
    rows += "\n32,0.1,2";
    for (int i = 0; i < 30; ++i) rows += row >> (i % 6) & 1 ? ",a" : ",b";
  }
  EXPECT_THAT(take_text(header + rows).groups, SizeIs(1));
}

// A random search: too many values to make groups.
TEST(ForeignGroups, SayWhatIsPooled) {
  std::string text = "batch_size,lr,loss,dropout,weight_decay,Runtime\n";
  for (int i = 0; i < 12; ++i) {
    text += "32,0." + std::to_string(i + 1) + ",2,0.0" + std::to_string(i) + ",1e-" +
            std::to_string(i) + "," + std::to_string(100 + i) + "\n";
  }
  const Read read = take_text(text);
  EXPECT_THAT(read.groups, SizeIs(1));
  EXPECT_THAT(read.said,
              Contains(HasSubstr("runs are not told apart by 'dropout', 'weight_decay': ")));
  const Read named =
      take_text(crossed("dropout", {"0", "0.1"}), {.group_by = std::vector<std::string>{}});
  EXPECT_THAT(named.groups, SizeIs(1));
  EXPECT_THAT(named.said, Contains(HasSubstr("not told apart by 'dropout'")));
}

TEST(ForeignGroups, OfALogAreTheLastRowsWithTheGreatestLearningRates) {
  const Read read = take_case("one_row_per_epoch.csv");
  EXPECT_THAT(read.runs(), SizeIs(12));
  EXPECT_EQ(at(read.runs(), 128, 0.05).loss, 0.9089);
  EXPECT_EQ(at(read.runs(), 2048, 1.6).loss, 0.9583);
  EXPECT_THAT(read.said, Contains("took the last row of each 'run', by 'epoch', and the greatest "
                                  "'lr' of its rows"));
}

TEST(ForeignGroups, OfALogEndWithTheLastRowThatHasALoss) {
  const std::string log =
      "run,step,batch_size,lr,val_loss\na,2,32,0.1,2\na,1,32,0.2,3\na,3,32,0,\n"
      "b,1,32,0.4,3\nb,2,32,0.3,nan\nb,3,32,0.2,\n";
  const Read read = take_text(log);
  ASSERT_THAT(read.runs(), SizeIs(2));
  EXPECT_EQ(read.runs()[0].lr, 0.2);
  EXPECT_EQ(read.runs()[0].loss, 2.0);
  EXPECT_EQ(read.runs()[1].lr, 0.4);
  EXPECT_TRUE(read.runs()[1].diverged());
}

// The steps of the whole run are no place in it.
TEST(ForeignGroups, OfALogAreOrderedByWhatDiffersWithinARun) {
  const Read read = take_text(
      "run,max_iters,epoch,batch_size,lr,loss\na,100,1,32,0.1,3\na,100,2,32,0.05,2\n"
      "b,50,1,64,0.2,3\nb,50,2,64,0.1,1\n");
  EXPECT_THAT(losses_of(read.runs()), ElementsAre(2, 1));
  EXPECT_EQ(read.runs()[0].lr, 0.1);
}

TEST(ForeignGroups, OfALogAreToldApartByWhatTheUserNames) {
  const std::string log =
      "model,try,step,batch_size,lr,loss\nm,1,10,32,0.1,3\nm,1,90,32,0.1,2\n"
      "m,2,10,32,0.2,3\nm,2,90,32,0.2,1\n";
  EXPECT_THAT(message_of(log), HasSubstr("run_column"));
  const Read read = take_text(log, {.run = std::vector<std::string>{"model", "try"}});
  EXPECT_THAT(losses_of(read.runs()), ElementsAre(2, 1));
}

// A name that every row has of its own, or that replicates share, is no log's.
TEST(ForeignGroups, OfATableAreItsRows) {
  EXPECT_THAT(take_text("run,batch_size,lr,loss,steps\n1,32,0.1,2,100\n2,32,0.1,2,100\n"
                        "1,64,0.1,2,50\n2,64,0.1,2,50\n")
                  .runs(),
              SizeIs(4));
  EXPECT_THAT(take_text("Name,batch_size,lr,loss,epoch\na,32,0.1,2,3\nb,32,0.2,2,3\n").runs(),
              SizeIs(2));
}

TEST(ForeignGroups, HaveTheOptimizerOfTheirGroup) {
  const Read read = take_case("optimizer_column.csv");
  ASSERT_THAT(read.groups, SizeIs(2));
  EXPECT_EQ(read.groups[0].optimizer, "sgd");
  EXPECT_EQ(read.groups[1].optimizer, "adam");
  const Read mixed = take_text("batch_size,lr,loss,optimizer\n32,0.1,2,sgd\n32,0.2,2,adam\n",
                               {.group_by = std::vector<std::string>{}});
  EXPECT_FALSE(mixed.groups[0].optimizer);
}

TEST(ForeignGroups, HaveASeedThatIsSaid) {
  EXPECT_THAT(take_text("batch_size,lr,loss,random_seed\n32,0.1,2,7\n").said,
              Contains("took column 'random_seed' as the seed"));
  EXPECT_THAT(take_text("batch_size,lr,loss\n32,0.1,2\n32,0.1,2.1\n").said,
              Contains(HasSubstr("found no column of seeds: runs that agree in batch size and "
                                 "learning rate are not paired")));
  EXPECT_THAT(take_text("batch_size,lr,loss\n32,0.1,2\n32,0.2,2.1\n").said,
              Not(Contains(HasSubstr("seed"))));
  EXPECT_THAT(take_text("batch_size,lr,loss,seed\n32,0.1,2,7\n", {.seed = "none"}).said,
              Not(Contains(HasSubstr("seed"))));
}

}  // namespace
}  // namespace etalon

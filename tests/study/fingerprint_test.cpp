#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "etalon/error.hpp"
#include "etalon/study.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

WorkloadInfo workload() {
  WorkloadInfo info;
  info.objective_name = "validation loss";
  info.budget_examples = 1000;
  info.settings = {{"dataset", "fashion-mnist"}, {"model", "mlp:128"}};
  return info;
}

// As an error says it.
std::string difference_between(const Fingerprint& stored, const Fingerprint& asked) {
  return InputError(first_difference(stored, asked).value_or("none"), "", "").what();
}

TEST(Fingerprint, HoldsTheWorkloadsSettingsThenTheOptions) {
  const Fingerprint fingerprint = study_fingerprint(workload(), {});
  EXPECT_EQ(fingerprint[0], std::pair(std::string("dataset"), std::string("fashion-mnist")));
  EXPECT_EQ(fingerprint[1].first, "model");
  EXPECT_EQ(fingerprint[4],
            std::pair(std::string("study.batch_sizes"), std::string("8,16,32,64,128,256,512,"
                                                                    "1024,2048")));
  EXPECT_EQ(fingerprint.back(),
            std::pair(std::string("study.rules"), std::string("fixed,sqrt,linear")));
}

TEST(Fingerprint, IsTheSameHoweverManyJobsRun) {
  StudyOptions options;
  const Fingerprint before = study_fingerprint(workload(), options);
  options.jobs = 7;
  EXPECT_EQ(first_difference(before, study_fingerprint(workload(), options)), std::nullopt);
}

TEST(Fingerprint, HasTheLearningRateWhereASearchOfThisOptimizerStarts) {
  StudyOptions options;
  options.recipe.optimizer = OptimizerFamily::adam;
  const Fingerprint fingerprint = study_fingerprint(workload(), options);
  EXPECT_EQ(setting_of(fingerprint, "study.lr_center"), "0.001");
  options.lr_center = 0.001;
  EXPECT_EQ(study_fingerprint(workload(), options), fingerprint);
}

TEST(Fingerprint, DiffersInEveryOptionThatThePlanDependsOn) {
  const Fingerprint before = study_fingerprint(workload(), {});
  const auto difference = [&](void (*change)(StudyOptions&)) {
    StudyOptions options;
    change(options);
    return difference_between(before, study_fingerprint(workload(), options));
  };
  EXPECT_THAT(difference([](StudyOptions& o) { o.batch_sizes.pop_back(); }),
              HasSubstr("batch_sizes"));
  EXPECT_THAT(difference([](StudyOptions& o) { o.base_batch_size = 64; }),
              HasSubstr("base_batch_size was \"32\" and is now \"64\""));
  EXPECT_THAT(difference([](StudyOptions& o) { o.seeds = 4; }), HasSubstr("seeds"));
  EXPECT_THAT(difference([](StudyOptions& o) { o.most_seeds = 9; }),
              HasSubstr("most_seeds was \"6\" and is now \"9\""));
  EXPECT_THAT(difference([](StudyOptions& o) { o.first_seed = 2; }), HasSubstr("first_seed"));
  EXPECT_THAT(difference([](StudyOptions& o) { o.lr_center = 0.1 + 1e-17 + 1e-16; }),
              HasSubstr("lr_center was \"0.1\" and is now \"0.1000000000000001"));
  EXPECT_THAT(difference([](StudyOptions& o) { o.tolerance = 0.03; }), HasSubstr("tolerance"));
  EXPECT_THAT(difference([](StudyOptions& o) { o.level = 0.95; }), HasSubstr("level"));
  EXPECT_THAT(difference([](StudyOptions& o) {
                o.rules[1] = "legw";
                o.recipe.schedule.warmup = Duration{10, DurationUnit::steps};
              }),
              HasSubstr("rules"));
}

TEST(Fingerprint, HoldsWhatRulesThatMoveMoreDependOn) {
  StudyOptions options;
  options.recipe.optimizer = OptimizerFamily::adam;
  options.recipe.beta1 = 0.9;
  options.recipe.beta2 = 0.999;
  options.rules = {"fixed", "sqrt", "sde", "saturating"};
  options.noise_scale = 500;
  const Fingerprint fingerprint = study_fingerprint(workload(), options);
  const auto value = [&](const std::string& key) {
    for (const auto& setting : fingerprint) {
      if (setting.first == key) return setting.second;
    }
    return std::string("none");
  };
  EXPECT_EQ(value("study.rules"), "fixed,sqrt,sde,saturating");
  EXPECT_EQ(value("study.noise_scale"), "500");
  EXPECT_EQ(rules_of(fingerprint), options.rules);
  EXPECT_TRUE(rules_of({{"study.seeds", "3"}}).empty());
  EXPECT_EQ(value("study.recipe"), "adam beta1=0.9 beta2=0.999");
}

TEST(FirstDifference, SaysWhichSettingIsOnOneSideOnly) {
  EXPECT_EQ(difference_between({{"a", "1"}}, {{"a", "1"}, {"b", "2"}}),
            "b was not set and is now \"2\"");
  EXPECT_EQ(difference_between({{"a", "1"}, {"b", "2"}}, {{"a", "1"}}),
            "b was \"2\" and is now not set");
}

}  // namespace
}  // namespace etalon

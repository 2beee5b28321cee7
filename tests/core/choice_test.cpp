#include "core/choice.hpp"

#include <gmock/gmock.h>

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::string> kOptimizers = {"sgd",  "momentum", "nesterov", "lars",
                                              "adam", "adamw",    "rmsprop",  "lamb"};

TEST(ClosestNames, AreAFewSlipsAway) {
  EXPECT_THAT(closest_names("adammw", kOptimizers), ElementsAre("adamw"));
  EXPECT_THAT(closest_names("sdg", kOptimizers), ElementsAre("sgd"));
  EXPECT_THAT(closest_names("rmspropp", kOptimizers), ElementsAre("rmsprop"));
  EXPECT_THAT(closest_names("nestrov", kOptimizers), ElementsAre("nesterov"));
}

TEST(ClosestNames, MindNeitherCaseNorHyphens) {
  EXPECT_THAT(closest_names("AdamW", kOptimizers), ElementsAre("adamw"));
  const std::vector<std::string> flags = {"--batch-size", "--batch-sizes", "--optimizer"};
  EXPECT_THAT(closest_names("--batchsizes", flags), ElementsAre("--batch-sizes"));
  EXPECT_THAT(closest_names("--batch_size", flags), ElementsAre("--batch-size"));
  EXPECT_THAT(closest_names("--optimiser", flags), ElementsAre("--optimizer"));
}

TEST(ClosestNames, CompleteABeginning) {
  EXPECT_THAT(closest_names("mom", kOptimizers), ElementsAre("momentum"));
  EXPECT_THAT(closest_names("ada", kOptimizers), ElementsAre("adam", "adamw"));
}

TEST(ClosestNames, AreNoneWhereNothingIsNear) {
  for (const char* word : {"", "x", "lion", "-", "muon"}) {
    EXPECT_THAT(closest_names(word, kOptimizers), IsEmpty()) << word;
  }
  EXPECT_THAT(closest_names(std::string(1'000'000, 'a'), kOptimizers), IsEmpty());
  EXPECT_THAT(closest_names("adam", {}), IsEmpty());
}

TEST(ClosestNames, AreAllThatAreAsNear) {
  EXPECT_THAT(closest_names("adamx", kOptimizers), ElementsAre("adam", "adamw"));
  const std::vector<std::string> many = {"aa", "ab", "ac", "ad"};
  EXPECT_THAT(closest_names("az", many), IsEmpty());
}

TEST(ChooseInstead, NamesWhatWasMeantFirst) {
  const std::vector<std::string> formats = {"table", "json", "csv"};
  EXPECT_EQ(choose_instead("jsn", formats), "did you mean json? The others are table, csv");
  EXPECT_EQ(choose_instead("adamx", kOptimizers),
            "did you mean adam or adamw? The others are sgd, momentum, nesterov, lars, rmsprop, "
            "lamb");
  EXPECT_EQ(choose_instead("adamx", std::vector<std::string>{"adam", "adamw"}),
            "did you mean adam or adamw?");
  EXPECT_EQ(choose_instead("yaml", formats), "use one of table, json, csv");
}

TEST(EqualInAnyCase, MindsNothingButTheCase) {
  EXPECT_TRUE(equal_in_any_case("AdamW", "adamw"));
  EXPECT_TRUE(equal_in_any_case("", ""));
  EXPECT_FALSE(equal_in_any_case("adam", "adamw"));
  EXPECT_FALSE(equal_in_any_case("one-cycle", "one_cycle"));
}

TEST(CanonicalName, IsTheOneOfTheListInAnyCase) {
  EXPECT_EQ(canonical_name("RMSprop", kOptimizers), "rmsprop");
  EXPECT_EQ(canonical_name("SDG", kOptimizers), "SDG");
}

TEST(CanonicalKind, IsInLowerCaseWhatStandsBeforeTheColon) {
  EXPECT_EQ(canonical_kind("LeNet"), "lenet");
  EXPECT_EQ(canonical_kind("MLP:128"), "mlp:128");
  EXPECT_EQ(canonical_kind("IDX:/Data/MNIST"), "idx:/Data/MNIST");
  EXPECT_EQ(canonical_kind("Models/Mine.toml"), "Models/Mine.toml");
  EXPECT_EQ(canonical_kind("Mine.toml:x"), "Mine.toml:x");
  EXPECT_EQ(canonical_kind(""), "");
}

}  // namespace
}  // namespace etalon

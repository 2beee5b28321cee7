#include "core/choice.hpp"

#include <gmock/gmock.h>

namespace etalon {
namespace {

using ::testing::Eq;
using ::testing::Optional;

const std::vector<std::string> kOptimizers = {"sgd",  "momentum", "nesterov", "lars",
                                              "adam", "adamw",    "rmsprop",  "lamb"};

TEST(ClosestName, IsAFewSlipsAway) {
  EXPECT_THAT(closest_name("adammw", kOptimizers), Optional(Eq("adamw")));
  EXPECT_THAT(closest_name("sdg", kOptimizers), Optional(Eq("sgd")));
  EXPECT_THAT(closest_name("rmspropp", kOptimizers), Optional(Eq("rmsprop")));
  EXPECT_THAT(closest_name("nestrov", kOptimizers), Optional(Eq("nesterov")));
}

TEST(ClosestName, MindsNeitherCaseNorHyphens) {
  EXPECT_THAT(closest_name("AdamW", kOptimizers), Optional(Eq("adamw")));
  const std::vector<std::string> flags = {"--batch-size", "--batch-sizes", "--optimizer"};
  EXPECT_THAT(closest_name("--batchsizes", flags), Optional(Eq("--batch-sizes")));
  EXPECT_THAT(closest_name("--batch_size", flags), Optional(Eq("--batch-size")));
  EXPECT_THAT(closest_name("--optimiser", flags), Optional(Eq("--optimizer")));
}

TEST(ClosestName, CompletesABeginningThatOnlyOneHas) {
  EXPECT_THAT(closest_name("mom", kOptimizers), Optional(Eq("momentum")));
  EXPECT_EQ(closest_name("ada", kOptimizers), std::nullopt);
}

TEST(ClosestName, IsNoneWhereNothingIsNear) {
  for (const char* word : {"", "x", "lion", "-", "muon"}) {
    EXPECT_EQ(closest_name(word, kOptimizers), std::nullopt) << word;
  }
  EXPECT_EQ(closest_name(std::string(1'000'000, 'a'), kOptimizers), std::nullopt);
  EXPECT_EQ(closest_name("adam", {}), std::nullopt);
}

TEST(ChooseInstead, NamesWhatWasMeantFirst) {
  const std::vector<std::string> formats = {"table", "json", "csv"};
  EXPECT_EQ(choose_instead("jsn", formats), "did you mean json? The others are table, csv");
  EXPECT_EQ(choose_instead("yaml", formats), "use one of table, json, csv");
}

}  // namespace
}  // namespace etalon

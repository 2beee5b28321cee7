#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "atlas/pairs.hpp"
#include "etalon/atlas.hpp"
#include "etalon/error.hpp"
#include "support/seeded_properties.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

const std::string kHeader =
    "source,url,setting,budget,optimizer,family,from_batch,to_batch,lr_from,lr_to,edge,best_loss,"
    "fixed_loses,sqrt_loses,linear_loses,sde_power_loses\n";

TEST(AtlasCsv, ReadsARowAsItIsDocumented) {
  const auto pairs = parse_atlas(
      kHeader +
      "Paper,arXiv:1,small net,steps,adamw,adaptive,32,256,0.001,0.002,to,2.5,0.25,>0.1,"
      "diverged,\n");
  ASSERT_EQ(pairs.size(), 1u);
  const AtlasPair& pair = pairs.front();
  EXPECT_EQ(pair.source, "Paper");
  EXPECT_EQ(pair.budget, HeldBudget::steps);
  EXPECT_EQ(pair.optimizer, OptimizerFamily::adamw);
  EXPECT_EQ(pair.kappa(), 8.0);
  EXPECT_FALSE(pair.is_from_edge);
  EXPECT_TRUE(pair.is_to_edge);
  EXPECT_EQ(pair.losses[0], (RuleLoss{0.25, false}));
  EXPECT_EQ(pair.losses[1], (RuleLoss{0.1, true}));
  EXPECT_EQ(pair.losses[2], RuleLoss::diverged());
  EXPECT_FALSE(pair.losses[3]);
}

TEST(AtlasCsv, HasNoExponentWhereABestIsAnEdge) {
  AtlasPair pair = adamw_pair("Paper", "a", 8.0, 0.5);
  ASSERT_TRUE(pair.exponent());
  EXPECT_NEAR(*pair.exponent(), 0.5, 1e-12);
  pair.is_from_edge = true;
  EXPECT_FALSE(pair.exponent());
}

struct BadRow {
  const char* row;
  const char* message;
};
const BadRow kBadRows[] = {
    {"Paper,u,s,examples,adamw,adaptive,32,256,0.001,0.002,,2.5,1,1,1", "other than 16 fields"},
    {"Paper,u,s,examples,adamw,adaptive,32,256,0.001,0.002,,2.5,1,1,1,,", "other than 16 fields"},
    {"Paper,u,s,epochs,adamw,adaptive,32,256,0.001,0.002,,2.5,1,1,1,", "'epochs' for budget"},
    {"Paper,u,s,examples,adamw,sgd,32,256,0.001,0.002,,2.5,1,1,1,", "'sgd' for family"},
    {"Paper,u,s,examples,sophia,adaptive,32,256,0.001,0.002,,2.5,1,1,1,", "'sophia' for optimizer"},
    {"Paper,u,s,examples,adamw,adaptive,32,32,0.001,0.002,,2.5,1,1,1,", "two batch sizes"},
    {"Paper,u,s,examples,adamw,adaptive,32,256,0,0.002,,2.5,1,1,1,", "'0' for lr_from"},
    {"Paper,u,s,examples,adamw,adaptive,32,256,0.001,x,,2.5,1,1,1,", "'x' for lr_to"},
    {"Paper,u,s,examples,adamw,adaptive,32,256,0.001,0.002,yes,2.5,1,1,1,", "'yes' for edge"},
    {"Paper,u,s,examples,adamw,adaptive,32,256,0.001,0.002,,2.5,-1,1,1,", "'-1' for fixed_loses"},
};

TEST(AtlasCsv, RefusesWhatIsNoRowNamingLineAndColumn) {
  for (const BadRow& bad : kBadRows) {
    try {
      parse_atlas(kHeader + bad.row + "\n");
      ADD_FAILURE() << bad.row;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(bad.message));
      EXPECT_THAT(error.what(), HasSubstr("line 2"));
    }
  }
  EXPECT_THROW(parse_atlas("source,url\n"), InputError);
}

TEST(AtlasCsv, WritesNoFieldThatWouldNotReadBack) {
  AtlasPair pair = adamw_pair("Paper, second edition", "a");
  EXPECT_THROW(write_atlas({&pair, 1}), InputError);
}

double four_digits(double value) { return std::stod(fmt::format("{:.4g}", value)); }

std::optional<RuleLoss> any_loss() {
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return std::nullopt;
    case 1:
      return RuleLoss::diverged();
    default:
      return RuleLoss{four_digits(1e-4 * *rc::gen::inRange(0, 1000000)),
                      *rc::gen::arbitrary<bool>()};
  }
}

AtlasPair any_pair() {
  AtlasPair pair = adamw_pair("Paper", "width=3 depth=2");
  pair.optimizer = optimizers()[*rc::gen::inRange<std::size_t>(0, optimizers().size())].family;
  pair.budget = *rc::gen::arbitrary<bool>() ? HeldBudget::steps : HeldBudget::examples;
  pair.from_batch = *rc::gen::inRange(1, 100);
  pair.to_batch = *rc::gen::inRange(100, 9999);
  pair.lr_from = four_digits(1e-5 * *rc::gen::inRange(1, 100000));
  pair.lr_to = four_digits(1e-5 * *rc::gen::inRange(1, 100000));
  pair.is_from_edge = *rc::gen::arbitrary<bool>();
  pair.is_to_edge = *rc::gen::arbitrary<bool>();
  for (auto& loss : pair.losses) loss = any_loss();
  return pair;
}

RC_GTEST_PROP(AtlasCsv, WritesWhatItReadsBack, ()) {
  std::vector<AtlasPair> pairs;
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i) pairs.push_back(any_pair());
  RC_ASSERT(parse_atlas(write_atlas(pairs)) == pairs);
}

}  // namespace
}  // namespace etalon

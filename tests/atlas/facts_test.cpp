// The rows that are compiled in.
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "etalon/atlas.hpp"

namespace etalon {
namespace {

TEST(Atlas, HasRowsOfSeveralSourcesEachWithAnAddress) {
  std::set<std::string> sources;
  for (const AtlasPair& pair : atlas()) {
    sources.insert(pair.source);
    EXPECT_FALSE(pair.url.empty());
    EXPECT_FALSE(pair.setting.empty());
  }
  EXPECT_GE(sources.size(), 4u);
}

TEST(Atlas, HasEveryOptimizerForWhichARuleIsPublished) {
  std::set<OptimizerFamily> found;
  for (const AtlasPair& pair : atlas()) found.insert(pair.optimizer);
  for (const OptimizerInfo& info : optimizers()) {
    EXPECT_EQ(found.contains(info.family), info.has_published_rule()) << info.name;
  }
}

// A learning rate that is the best by a parabola loses next to nothing: the facts agree with
// themselves.
TEST(Atlas, SaysThatARuleLostLittleWhereItNamesTheBest) {
  int near = 0;
  for (const AtlasPair& pair : atlas()) {
    if (pair.is_from_edge || pair.is_to_edge) continue;
    for (std::size_t i = 0; i < kAtlasRules.size(); ++i) {
      if (!kAtlasRules[i].is_plain || !pair.losses[i]) continue;
      const double lr = pair.lr_from * std::pow(pair.kappa(), kAtlasRules[i].power);
      if (std::abs(std::log2(lr / pair.lr_to)) > 0.05) continue;
      EXPECT_LT(pair.losses[i]->loss, 0.06) << pair.source << ' ' << pair.setting;
      ++near;
    }
  }
  EXPECT_GT(near, 50);
}

}  // namespace
}  // namespace etalon

#include "train/one_step_branches.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "etalon/error.hpp"
#include "model/parameters.hpp"
#include "train/curvature.hpp"

namespace etalon {
namespace {

class OneStepBranchesTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { data_ = load_splits("fashion-mnist", {}); }
  static ModelSpec model() { return parse_model("linear", {1, 28, 28}, 10); }
  static AlignedVector weights() { return initial_weights(parameter_layout(model()), 3); }
  static std::vector<Branches> measure(const std::vector<std::int64_t>& batch_sizes, double lr,
                                       std::uint64_t seed = 1) {
    OneStepBranches branches(*data_, model(), seed, {.batch_sizes = batch_sizes});
    return branches.measure(weights(), 0, [lr](double) { return lr; });
  }
  static inline std::shared_ptr<const DataSplits> data_;
};

// From wherever the search begins, rates are √2 apart and the best has two on either side.
TEST_F(OneStepBranchesTest, TryRatesUntilTheBestIsAmongThem) {
  std::vector<double> best;
  for (const double first : {1e-4, 1.0}) {
    const Branches branches = measure({64}, first).at(0);
    for (std::size_t i = 1; i < branches.lrs.size(); ++i) {
      EXPECT_NEAR(branches.lrs[i] / branches.lrs[i - 1], std::sqrt(2.0), 1e-9);
    }
    EXPECT_GE(best_of(branches), 2u);
    EXPECT_LT(best_of(branches) + 2, branches.lrs.size());
    EXPECT_EQ(branches.changes.size(), 64u);
    best.push_back(*one_step_optimum(branches).lr);
  }
  EXPECT_NEAR(best[0], best[1], 0.1 * best[0]);
}

// A short step changes the loss by −η·|G|², whatever the batch size.
TEST_F(OneStepBranchesTest, ChangeTheLossByTheGradientWhereStepsAreShort) {
  Curvature curvature(*data_, model(), 1, {.examples = 8192});
  const auto measured = curvature.measure(weights(), 0);
  ASSERT_TRUE(measured);
  const double squared = measured->noise.squared_gradient().value;
  const Branches branches = measure({256}, 1e-5).at(0);
  double change = 0.0;
  for (const auto& changes : branches.changes) {
    change += changes.front() / static_cast<double>(branches.changes.size());
  }
  EXPECT_NEAR(change / branches.lrs.front(), -squared, 0.05 * squared);
}

TEST_F(OneStepBranchesTest, AreTheSameForTheSameSeedAndOthersForAnother) {
  EXPECT_EQ(measure({16}, 0.01).at(0).changes, measure({16}, 0.01).at(0).changes);
  EXPECT_NE(measure({16}, 0.01).at(0).changes, measure({16}, 0.01, 2).at(0).changes);
}

TEST_F(OneStepBranchesTest, AreNoneWhereTheWeightsAreNotFinite) {
  AlignedVector lost = weights();
  lost[0] = NAN;
  OneStepBranches branches(*data_, model(), 1, {.batch_sizes = {8, 64}});
  EXPECT_TRUE(branches.measure(lost, 0, [](double) { return 0.1; }).empty());
}

TEST_F(OneStepBranchesTest, AreNoneWhereTheyWereAskedToStop) {
  OneStepBranches branches(*data_, model(), 1, {.batch_sizes = {8}});
  StopFlag stop;
  const auto ask = [&](double) {
    stop.request();
    return 0.1;
  };
  EXPECT_TRUE(branches.measure(weights(), 0, ask, stop).empty());
}

TEST_F(OneStepBranchesTest, RefuseBatchSizesAndCountsThatAreNone) {
  EXPECT_THROW(OneStepBranches(*data_, model(), 1, {.batch_sizes = {0}}), InputError);
  EXPECT_THROW(OneStepBranches(*data_, model(), 1, {.batch_sizes = {8}, .batches = 1}), InputError);
}

}  // namespace
}  // namespace etalon

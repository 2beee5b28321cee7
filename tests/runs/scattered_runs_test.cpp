// Runs of random searches: which batch sizes become one, and which settings explain losses.
#include "runs/scattered_runs.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <sstream>

#include "runs/group_fit.hpp"
#include "runs/run_groups.hpp"

namespace etalon {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

double best_lr(double batch_size) { return 6e-4 * std::sqrt(batch_size / 64.0); }

// A search at random, whose loss depends on the dropout and not on the width.
struct Search {
  std::vector<Observation> runs;
  Nuisance dropout{"dropout", {}, false}, width{"width", {}, false}, kind{"kind", {}, true};
};
Search search_of(unsigned seed, std::size_t runs) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> share(0.0, 1.0);
  std::normal_distribution<double> noise(0.0, 0.002);
  Search search;
  for (std::size_t i = 0; i < runs; ++i) {
    const double batch_size = std::round(std::exp2(4.0 + 5.0 * share(random)));
    const double lr = std::pow(10.0, -4.5 + 2.3 * share(random));
    const double dropout = 0.5 * share(random);
    const double octaves = std::log2(lr / best_lr(batch_size));
    const double kind = share(random) < 0.5 ? 0.0 : 1.0;
    Observation run;
    run.batch_size = batch_size;
    run.lr = lr;
    run.loss = 2.0 + 0.02 * octaves * octaves + 0.5 * (dropout - 0.2) * (dropout - 0.2) +
               0.05 * kind + noise(random);
    search.runs.push_back(run);
    search.dropout.values.push_back(dropout);
    search.width.values.push_back(64.0 * std::round(1.0 + 3.0 * share(random)));
    search.kind.values.push_back(kind);
  }
  return search;
}

TEST(ScatteredRuns, AreThoseOfARandomSearch) {
  std::vector<double> sizes;
  for (int i = 0; i < 20; ++i) sizes.push_back(16 + 7 * i);
  EXPECT_TRUE(is_scattered(sizes));
  std::vector<double> ladder;
  for (int i = 0; i < 60; ++i) ladder.push_back(8 << (i % 9));
  EXPECT_FALSE(is_scattered(ladder));
}

TEST(ScatteredRuns, LoseWhatASettingDidToThemAndKeepTheRest) {
  Search search = search_of(1, 80);
  const auto before = search.runs;
  EXPECT_THAT(remove_nuisances(search.runs, {search.width, search.dropout, search.kind}),
              UnorderedElementsAre("dropout", "kind"));
  // What is left is the loss without them, but for a constant: that of their middle.
  std::vector<double> offsets;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double dropout = search.dropout.values[i] - 0.2;
    const double clean = *before[i].loss - 0.5 * dropout * dropout - 0.05 * search.kind.values[i];
    offsets.push_back(*search.runs[i].loss - clean);
  }
  std::sort(offsets.begin(), offsets.end());
  EXPECT_LT(offsets.back() - offsets.front(), 0.03);  // 0.095 before
}

// A setting that does nothing is hardly ever found to do something.
TEST(ScatteredRuns, KeepWhatNothingExplains) {
  int found = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    Search search = search_of(seed, 60);
    found += static_cast<int>(remove_nuisances(search.runs, {search.width}).size());
  }
  EXPECT_LE(found, 6);
}

TEST(ScatteredRuns, AreJoinedWithTheirNeighboursWhereTheyAreFew) {
  std::vector<Observation> runs = search_of(2, 80).runs;
  ASSERT_TRUE(pool_batch_sizes(runs));
  std::set<double> sizes;
  for (const Observation& run : runs) sizes.insert(run.batch_size);
  EXPECT_GE(sizes.size(), 6U);
  EXPECT_LE(sizes.size(), 11U);
}

TEST(ScatteredRuns, StayAsTheyAreOnALadder) {
  std::vector<Observation> runs;
  for (const double batch_size : {64.0, 70.0, 128.0}) {
    for (int k = 0; k < 5; ++k) {
      Observation run;
      run.batch_size = batch_size;
      run.lr = 0.1 * (k + 1);
      run.loss = 1.0;
      runs.push_back(run);
    }
  }
  EXPECT_FALSE(pool_batch_sizes(runs));
}

TEST(ScatteredRuns, AreJoinedWhereTheyAreNearlyEqualHoweverManyTheyAre) {
  std::vector<Observation> runs;
  for (const double batch_size : {254.0, 260.0, 500.0, 512.0}) {
    for (int k = 0; k < 6; ++k) {
      Observation run;
      run.batch_size = batch_size;
      run.lr = 0.1 * (k + 1);
      run.loss = 1.0;
      runs.push_back(run);
    }
  }
  EXPECT_EQ(pool_batch_sizes(runs), 4U);
  EXPECT_EQ(runs.front().batch_size, 257.0);
  EXPECT_EQ(runs.back().batch_size, 506.0);
}

// The whole way: of ten searches whose truth is known, nearly all intervals hold it.
TEST(ScatteredRuns, GiveOneAnswer) {
  int held = 0;
  for (unsigned seed = 11; seed <= 20; ++seed) {
    const Search search = search_of(seed, 70);
    std::string text = "trial_id,batch_size,lr,dropout,width,kind,val_loss\n";
    for (std::size_t i = 0; i < search.runs.size(); ++i) {
      text += fmt::format("{},{},{},{},{},{},{}\n", i, search.runs[i].batch_size, search.runs[i].lr,
                          search.dropout.values[i], search.width.values[i],
                          search.kind.values[i] > 0.0 ? "a" : "b", *search.runs[i].loss);
    }
    std::istringstream input(text);
    const Table table = read_table(input, "runs");
    const GuessedColumns guessed = guess_columns(table, {});
    const GroupedRuns runs = group_runs(table, guessed.columns);
    ASSERT_THAT(runs.groups, SizeIs(1));
    EXPECT_THAT(runs.said, Contains(HasSubstr("took away what 'kind', 'dropout' did")));
    const std::vector<double> asked = {1024.0};
    const GroupFit fit = fit_group(runs.groups[0], asked, {});
    ASSERT_FALSE(fit.refused) << *fit.refused;
    const Forecast& forecast = fit.forecasts[0].forecast;
    held += forecast.lr_low <= best_lr(1024.0) && best_lr(1024.0) <= forecast.lr_high;
    EXPECT_LT(std::abs(std::log2(forecast.lr / best_lr(1024.0))), 0.75);
  }
  EXPECT_GE(held, 7);
}

TEST(ScatteredRuns, AreNotToldApartByAColumnThatNamesEachOfThem) {
  std::string text = "model,batch_size,lr,loss\n";
  for (int i = 0; i < 24; ++i) {
    text += fmt::format("m{},{},{},{}\n", i, 32 << (i % 3), 0.1 * (1 << (i / 3)), 2.0 + 0.01 * i);
  }
  std::istringstream input(text);
  const Table table = read_table(input, "runs");
  const GuessedColumns guessed = guess_columns(table, {});
  EXPECT_THAT(guessed.columns.group_by, IsEmpty());
  EXPECT_THAT(guessed.guesses, Contains(HasSubstr("not told apart by 'model'")));
}

}  // namespace
}  // namespace etalon

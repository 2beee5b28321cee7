#include "study/verdict_seeds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "study/study_fixture.hpp"

namespace etalon {
namespace {

using namespace testing;

std::uint64_t last_seed_away_from_base(const StudyResult& result) {
  std::uint64_t last = 0;
  for (const TrialRecord& trial : result.trials) {
    const bool is_base = trial.spec.batch_size == result.options.base_batch_size;
    if (!is_base) last = std::max(last, trial.spec.seed);
  }
  return last;
}

// A rule an octave off loses 0.0144, half an octave off 0.0036; noise of 0.0001 decides all.
TEST(NextSeeds, AreNoneWhereEveryVerdictIsClear) {
  StudyOptions options = small_options();
  options.tolerance = 0.008;
  const auto result = run(power_law_workload(0.5, 0.0001), options);
  for (const RuleOutcome& outcome : result.rules) {
    EXPECT_NE(outcome.regret.verdict, Verdict::cannot_tell)
        << outcome.rule << " at " << outcome.batch_size << ": " << outcome.regret.explanation;
  }
  EXPECT_EQ(last_seed_away_from_base(result), 2u);
  EXPECT_TRUE(next_seeds(result.options, result.trials).empty());
}

// Here a rule an octave off loses 0.0144, which a tolerance of 0.012 cannot tell from nothing where
// noise is 0.006.
StudyResult noisy_study(std::int64_t most_seeds) {
  StudyOptions options = small_options();
  options.tolerance = 0.012;
  options.most_seeds = most_seeds;
  return run(power_law_workload(0.5, 0.006), options);
}

TEST(NextSeeds, GoToARuleWhoseVerdictIsOpenAndToTheBestItIsComparedWith) {
  const StudyResult result = noisy_study(6);
  EXPECT_GT(last_seed_away_from_base(result), 2u);
  std::map<std::pair<std::int64_t, std::uint64_t>, int> learning_rates;
  for (const TrialRecord& trial : result.trials) {
    if (trial.spec.batch_size == result.options.base_batch_size || trial.spec.seed <= 2) continue;
    ++learning_rates[{trial.spec.batch_size, trial.spec.seed}];
  }
  for (const auto& [at, count] : learning_rates) {
    EXPECT_GE(count, 2) << "a seed by itself compares nothing, at " << at.first;
  }
}

TEST(NextSeeds, AreNoMoreThanAllowed) {
  for (const std::int64_t most : {3, 4, 6}) {
    const StudyResult result = noisy_study(most);
    EXPECT_LE(last_seed_away_from_base(result), static_cast<std::uint64_t>(most));
    EXPECT_TRUE(next_seeds(result.options, result.trials).empty());
  }
}

// Earlier versions had no more seeds than `seeds`, and wrote nothing of it.
TEST(NextSeeds, AreNotAskedOfAStudyThatAnEarlierVersionCompleted) {
  const StudyResult result = noisy_study(3);
  StudyFile file;
  file.fingerprint = study_fingerprint(result.workload, result.options);
  std::erase_if(file.fingerprint,
                [](const auto& each) { return each.first == "study.most_seeds"; });
  file.trials = result.trials;
  EXPECT_FALSE(stored_study(file, "earlier").interrupted);
}

}  // namespace
}  // namespace etalon

// Whole studies of noisy quadratics, whose best learning rates are known exactly: 90% intervals
// hold them in 83% or more. Every figure is printed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "etalon/quadratic_workload.hpp"
#include "study/study_fixture.hpp"

namespace etalon {
namespace {

constexpr double kLeast = 0.83;
constexpr int kStudies = 16;

struct StudyTally {
  int held = 0, missed_below = 0, missed_above = 0;
  int all() const { return held + missed_below + missed_above; }
  double rate() const { return static_cast<double>(held) / all(); }

  void add(const Optimum& optimum, double truth) {
    const bool is_below = optimum.lr_low && truth < *optimum.lr_low;
    const bool is_above = optimum.lr_high && truth > *optimum.lr_high;
    ++(is_below ? missed_below : is_above ? missed_above : held);
  }
};

// As they are planned by themselves, each with seeds of its own.
StudyTally tally_of(const QuadraticOptions& quadratic, int studies) {
  const QuadraticWorkload workload(quadratic);
  const NoisyQuadratic model(parse_quadratic(quadratic.model));
  StudyOptions options;
  options.batch_sizes = {16, 64, 256};
  options.base_batch_size = 64;
  options.jobs = 1;
  StudyTally tally;
  for (int study = 0; study < studies; ++study) {
    options.first_seed = 1 + 1000 * static_cast<std::uint64_t>(study);
    for (const Optimum& optimum : testing::run(workload, options).optima) {
      const auto batch_size = static_cast<std::int64_t>(optimum.batch_size);
      const auto steps = static_cast<double>(quadratic.steps_at(batch_size));
      tally.add(optimum, model.best_lr(optimum.batch_size, steps));
    }
  }
  fmt::print("{}: {:.3f} of {} intervals hold the exact optimum, {} lie above it, {} below\n",
             quadratic.model, tally.rate(), tally.all(), tally.missed_below, tally.missed_above);
  return tally;
}

TEST(QuadraticStudy, IntervalsHoldTheExactOptimaOfTheKnownAnswer) {
  const QuadraticOptions known{.model = "quadratic:300", .budget_examples = 16384};
  EXPECT_GE(tally_of(known, kStudies).rate(), kLeast);
}

TEST(QuadraticStudy, IntervalsHoldTheExactOptimaOfAFlatterSpectrum) {
  const QuadraticOptions flatter{.model = "quadratic:100,h_power=0.5", .budget_examples = 8192};
  EXPECT_GE(tally_of(flatter, kStudies).rate(), kLeast);
}

}  // namespace
}  // namespace etalon

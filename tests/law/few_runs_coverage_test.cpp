// Nominal 80% intervals must hold the best of a sweep in about 80% of synthetic studies that know
// one batch size or two, or whose optima all lie on an edge. The exponent of the truth is drawn
// from its prior, the bowl's form at random. Every figure is printed with its seed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random.hpp"
#include "etalon/forecaster.hpp"

namespace etalon {
namespace {

constexpr std::uint64_t kSeed = 20261127;
constexpr int kStudies = 100;
constexpr double kLargest = 256.0;  // that is known

// One truth: η*(B) = place·(B/kLargest)^exponent under a skewed bowl.
class Truth {
 public:
  Truth(const ExponentPrior& prior, RandomStream& stream)
      : exponent_(prior.mean + prior.deviation * stream.normal()),
        place_(0.01 * std::exp2(2.0 * stream.uniform())),
        skew_(0.4 + 0.6 * stream.uniform()) {}

  double optimum(double batch_size) const {
    return place_ * std::pow(batch_size / kLargest, exponent_);
  }
  // Learning rates `octaves` apart from `first` on; returns the best of them.
  double sweep(double batch_size, double first, double octaves, int count, RandomStream& stream,
               std::vector<Observation>& runs) const {
    double least = 1e9, best = 0.0;
    for (int i = 0; i < count; ++i) {
      const double lr = first * std::exp2(octaves * i);
      const double z = skew_ * std::log(lr / optimum(batch_size));
      const double bowl = 0.015 * (std::expm1(z) - z) / (skew_ * skew_);
      const double loss = 2.0 + bowl + 0.0015 * stream.normal();
      runs.push_back({batch_size, lr, 1, loss});
      if (loss >= least) continue;
      least = loss;
      best = lr;
    }
    return best;
  }
  // What half an octave apart and far to either side is best.
  double measured_best(double batch_size, RandomStream& stream) const {
    std::vector<Observation> ignored;
    return sweep(batch_size, optimum(batch_size) / 256.0, 0.5, 33, stream, ignored);
  }

 private:
  double exponent_, place_, skew_;
};

struct Few {
  UpdateKind update;
  ExponentPrior prior;  // about as the atlas has it
  int batch_sizes;
  double octaves;  // between learning rates
  double ratio;    // of the batch size asked for to the largest known
};

struct FewResult {
  int held = 0;
  double octaves = 0.0;  // of the recommendation above the optimum, in the mean
};

FewResult study_few(const Few& few) {
  RandomStream stream(kSeed, fmt::format("few.{}.{}.{}.{}", to_string(few.update), few.batch_sizes,
                                         few.octaves, few.ratio));
  const int count = 1 + static_cast<int>(8.0 / few.octaves);
  FewResult result;
  for (int i = 0; i < kStudies; ++i) {
    const Truth truth(few.prior, stream);
    std::vector<Observation> known;
    for (int k = 0; k < few.batch_sizes; ++k) {
      const double batch_size = kLargest / std::exp2(k);
      const double first =
          truth.optimum(kLargest) * std::exp2(-4.0 + few.octaves * stream.uniform());
      truth.sweep(batch_size, first, few.octaves, count, stream, known);
    }
    const double best = truth.measured_best(few.ratio * kLargest, stream);
    const Forecast forecast = Forecaster(known, {.update = few.update, .exponent = few.prior})
                                  .forecast(few.ratio * kLargest);
    result.held += forecast.lr_low <= best && best <= forecast.lr_high;
    result.octaves += std::log2(forecast.lr / truth.optimum(few.ratio * kLargest)) / kStudies;
  }
  fmt::print(
      "{}x beyond {} known batch sizes, {} octaves apart, {}: {} of {} held, {:+.2f} octaves, "
      "seed {}\n",
      few.ratio, few.batch_sizes, few.octaves, to_string(few.update), result.held, kStudies,
      result.octaves, kSeed);
  return result;
}

constexpr ExponentPrior kAdaptive{0.4, 0.28};
constexpr ExponentPrior kSgd{0.6, 0.28};

void expect_few_hold(int batch_sizes, double ratio) {
  for (const double octaves : {0.5, 1.5}) {
    for (const Few& few : {Few{UpdateKind::adaptive, kAdaptive, batch_sizes, octaves, ratio},
                           Few{UpdateKind::sgd, kSgd, batch_sizes, octaves, ratio}}) {
      const int held = study_few(few).held;
      EXPECT_GE(held, kStudies * 72 / 100);
      EXPECT_LE(held, kStudies * 95 / 100);
    }
  }
}

TEST(FewRunsCoverage, IsAsStatedFromOneBatchSize) { expect_few_hold(1, 4.0); }
TEST(FewRunsCoverage, IsAsStatedFarFromOneBatchSize) { expect_few_hold(1, 16.0); }
TEST(FewRunsCoverage, IsAsStatedFromTwoBatchSizes) { expect_few_hold(2, 4.0); }
TEST(FewRunsCoverage, IsAsStatedFarFromTwoBatchSizes) { expect_few_hold(2, 16.0); }

// Too high costs more than too low, but not without end, or the few steepest curves would decide.
TEST(FewRunsCoverage, RecommendsNotFarBelowWhatIsExpected) {
  const FewResult far = study_few({UpdateKind::sgd, kSgd, 1, 1.0, 16.0});
  EXPECT_GT(far.octaves, -1.5);
  EXPECT_LT(far.octaves, 0.5);
}

// Where every best is the highest that was tried, however far beyond the optimum lies, the low end
// alone holds; with two learning rates or six, at one batch size or two.
TEST(FewRunsCoverage, OfTheClosedEndIsNoLessThanStatedBeyondAnEdge) {
  for (const int batch_sizes : {1, 2}) {
    for (const int count : {2, 6}) {
      RandomStream stream(kSeed, fmt::format("edge.{}.{}", batch_sizes, count));
      int held = 0, edges = 0;
      for (int i = 0; i < kStudies; ++i) {
        const Truth truth(kAdaptive, stream);
        std::vector<Observation> known;
        for (int k = 0; k < batch_sizes; ++k) {
          const double batch_size = kLargest / std::exp2(k);
          const double highest = truth.optimum(batch_size) / std::exp2(3.0 * stream.uniform());
          truth.sweep(batch_size, highest / std::exp2(count - 1), 1.0, count, stream, known);
        }
        const Forecaster forecaster(known, {.exponent = kAdaptive});
        const auto& optima = forecaster.optima();
        if (!std::all_of(optima.begin(), optima.end(), [](const Optimum& optimum) {
              return optimum.censored == Censoring::above;
            })) {
          continue;
        }
        ++edges;
        const double best = truth.measured_best(4.0 * kLargest, stream);
        held += forecaster.forecast(4.0 * kLargest).lr_low <= best;
      }
      fmt::print("coverage of the low end beyond {} edges, {} learning rates: {} of {}, seed {}\n",
                 batch_sizes, count, held, edges, kSeed);
      EXPECT_GE(edges, kStudies / 2);
      EXPECT_GE(held, edges * 80 / 100);
    }
  }
}

}  // namespace
}  // namespace etalon

// The interval of λ_max over examples, on populations whose spectrum is known.
#include "train/sharpness.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cmath>
#include <vector>

namespace etalon {
namespace {

constexpr std::size_t kGroupsDrawn = 32;
constexpr double kCoverage = 0.90;

// The Hessians x·xᵀ of least squares, of Gaussian inputs whose variances are the spectrum.
class SampledHessians {
 public:
  SampledHessians(const std::vector<double>& spectrum, int group_size, RandomStream& stream) {
    const auto size = static_cast<Eigen::Index>(spectrum.size());
    for (std::size_t k = 0; k < kGroupsDrawn; ++k) {
      Eigen::MatrixXd examples(size, group_size);
      for (Eigen::Index i = 0; i < examples.size(); ++i) {
        const auto row = static_cast<std::size_t>(i % size);
        examples(i) = std::sqrt(spectrum[row]) * stream.normal();
      }
      matrices_.push_back((examples * examples.transpose() / group_size).cast<float>());
    }
  }

  GroupMatrices groups() const {
    const Eigen::Index size = matrices_.front().rows();
    return {static_cast<std::size_t>(size), kGroupsDrawn,
            [this, size](std::size_t k, std::span<const float> from, std::span<float> to) {
              Eigen::Map<Eigen::VectorXf>(to.data(), size) +=
                  matrices_[k] * Eigen::Map<const Eigen::VectorXf>(from.data(), size);
            }};
  }

 private:
  std::vector<Eigen::MatrixXf> matrices_;
};

std::vector<double> spectrum_of(double largest, double next, double ratio) {
  std::vector<double> spectrum = {largest};
  for (int i = 1; i < 24; ++i) spectrum.push_back(next * std::pow(ratio, i - 1));
  return spectrum;
}

struct Held {
  int below = 0, above = 0, draws = 0;  // the truth is outside
  double width = 0.0, excess = 0.0;     // mean, of the interval and of the estimate, over λ_max
  double coverage() const { return 1.0 - static_cast<double>(below + above) / draws; }
};

Held draw_many(const std::vector<double>& spectrum, int group_size, int draws) {
  RandomStream stream(20261127, "sharpness");
  Held held;
  held.draws = draws;
  for (int i = 0; i < draws; ++i) {
    const SampledHessians sample(spectrum, group_size, stream);
    RandomStream start(static_cast<std::uint64_t>(i), "start");
    const Sharpness found = sharpness_of(sample.groups(), start, kCoverage);
    held.below += spectrum.front() < found.low.value();
    held.above += spectrum.front() > found.high.value();
    held.width += (*found.high - *found.low) / spectrum.front() / draws;
    held.excess += (found.value / spectrum.front() - 1.0) / draws;
  }
  return held;
}

struct KnownSpectrum {
  const char* name;
  std::vector<double> spectrum;
  int group_size;
  double widest;  // mean width over λ_max
};

// Alone at the top, among others that are near, and one of many alike, of which a sample's largest
// is far too large; of 2048 examples and of few.
TEST(SharpnessInterval, HoldsTheLargestEigenvalueOfThePopulation) {
  const KnownSpectrum kCases[] = {
      {"alone, 2048 examples", spectrum_of(10.0, 3.0, 0.9), 64, 0.14},
      {"alone, 128 examples", spectrum_of(10.0, 3.0, 0.9), 4, 0.6},
      {"near others, 2048 examples", spectrum_of(10.0, 9.5, 0.95), 64, 0.27},
      {"near others, 128 examples", spectrum_of(10.0, 9.5, 0.95), 4, 1.2},
      {"alike, 2048 examples", spectrum_of(1.0, 1.0, 1.0), 64, 0.4}};
  for (const KnownSpectrum& each : kCases) {
    const Held held = draw_many(each.spectrum, each.group_size, 400);
    fmt::print("{}: covered {:.3f}, missed below {} and above {}, width {:.3f}, value {:+.3f}\n",
               each.name, held.coverage(), held.below, held.above, held.width, held.excess);
    EXPECT_GE(held.coverage(), 0.86) << each.name;
    EXPECT_LE(held.width, each.widest) << each.name;
    EXPECT_GT(held.excess, -0.01) << "of a sample it is rather too large";
  }
}

// Of groups that are all the same nothing is unknown.
TEST(SharpnessInterval, IsAPointWhereAllExamplesAgree) {
  const std::vector<double> spectrum = spectrum_of(10.0, 3.0, 0.9);
  const GroupMatrices same = {spectrum.size(), 8,
                              [&](std::size_t, std::span<const float> from, std::span<float> to) {
                                for (std::size_t i = 0; i < spectrum.size(); ++i) {
                                  to[i] += static_cast<float>(spectrum[i]) * from[i];
                                }
                              }};
  RandomStream start(1, "start");
  const Sharpness found = sharpness_of(same, start, kCoverage);
  EXPECT_NEAR(found.value, 10.0, 0.02);
  EXPECT_NEAR(*found.low, 10.0, 0.2);   // Lanczos's tolerance for halves
  EXPECT_NEAR(*found.high, 10.0, 0.3);  // its error is added
}

TEST(SharpnessInterval, IsNoneWhereTheMatricesAreNotFinite) {
  const GroupMatrices lost = {3, 8, [](std::size_t, auto, std::span<float> to) { to[0] = NAN; }};
  RandomStream start(1, "start");
  const Sharpness found = sharpness_of(lost, start, kCoverage);
  EXPECT_FALSE(found.low);
  EXPECT_FALSE(found.high);
}

}  // namespace
}  // namespace etalon

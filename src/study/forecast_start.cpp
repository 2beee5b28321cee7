#include "study/forecast_start.hpp"

#include <cmath>

#include "etalon/advice.hpp"

namespace etalon {

std::vector<std::vector<double>> forecast_starts(std::span<const Observation> observations,
                                                 std::span<const std::int64_t> batch_sizes,
                                                 const Lattice& lattice) {
  const Advisor advisor(observations, {});
  std::vector<std::vector<double>> starts;
  for (const std::int64_t batch_size : batch_sizes) {
    const double lr = advisor.forecast(static_cast<double>(batch_size)).lr;
    const double octaves = std::log2(lr / lattice.center);
    const int middle =
        Lattice::kHalfOctave *
        static_cast<int>(std::lround(octaves * Lattice::kOctave / Lattice::kHalfOctave));
    starts.push_back({lattice.lr(middle - Lattice::kOctave), lattice.lr(middle),
                      lattice.lr(middle + Lattice::kOctave)});
  }
  return starts;
}

}  // namespace etalon

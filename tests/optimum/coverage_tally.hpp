// How often intervals hold the truth over many synthetic studies, and a valley to measure in. Every
// figure is printed with its seed.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace etalon::testing {

inline constexpr std::uint64_t kSeed = 20240611;

struct Tally {
  int covered = 0, total = 0, unbounded = 0;
  double width = 0;

  double rate() const { return static_cast<double>(covered) / total; }
  void add(double truth, std::optional<double> low, std::optional<double> high) {
    ++total;
    covered += (!low || *low <= truth) && (!high || truth <= *high);
    if (low && high) {
      width += *high - *low;
    } else {
      ++unbounded;
    }
  }
  void print(const std::string& name) const {
    fmt::print("coverage of {}: {:.3f} of {}, mean width {:.4f}, {} unbounded, seed {}\n", name,
               rate(), total, width / std::max(1, total - unbounded), unbounded, kSeed);
  }
};

// Parabola of curvature 0.03 per (ln lr)², skewed by a cubic term that flattens far out.
inline std::function<double(double)> valley(double optimum, double skew = 0) {
  return [=](double lr) {
    const double x = std::log(lr / optimum);
    return 0.5 + 0.03 * x * x + 0.03 * skew * x * x * x / (1 + std::abs(x));
  };
}

}  // namespace etalon::testing

#include "plan/regret_gain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace etalon {
namespace {

// A pending run is expected to take away this share of the expected regret of its batch size.
constexpr double kShareOfPending = 0.5;
// A batch size may have this many times the runs of another, and as many more.
constexpr std::int64_t kMostAhead = 2;

}  // namespace

bool is_ahead(std::span<const RegretAt> all, std::size_t which) {
  const auto fewest = std::min_element(
      all.begin(), all.end(), [](const RegretAt& a, const RegretAt& b) { return a.runs < b.runs; });
  return all[which].runs > kMostAhead * (fewest->runs + 1);
}

std::size_t most_regretted(std::span<const RegretAt> all) {
  double most = -std::numeric_limits<double>::infinity();
  std::size_t chosen = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (is_ahead(all, i)) continue;
    const double gain =
        all[i].expected * std::pow(kShareOfPending, static_cast<double>(all[i].waiting));
    if (gain <= most) continue;
    most = gain;
    chosen = i;
  }
  return chosen;
}

}  // namespace etalon

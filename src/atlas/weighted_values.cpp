#include "atlas/weighted_values.hpp"

#include <algorithm>
#include <vector>

namespace etalon {

double weighted_quantile(std::span<const WeightedValue> values, double share) {
  constexpr double kRounding = 1e-9;
  std::vector<WeightedValue> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const WeightedValue& a, const WeightedValue& b) { return a.value < b.value; });
  double total = 0.0;
  for (const WeightedValue& each : sorted) total += each.weight;
  double below = 0.0;
  for (std::size_t i = 0; i + 1 < sorted.size(); ++i) {
    below += sorted[i].weight;
    const double past = below / total - share;
    if (past > kRounding) return sorted[i].value;
    if (past > -kRounding) return 0.5 * (sorted[i].value + sorted[i + 1].value);
  }
  return sorted.back().value;
}

}  // namespace etalon

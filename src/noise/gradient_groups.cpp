#include <fmt/format.h>

#include <vector>

#include "etalon/error.hpp"
#include "noise/moment_errors.hpp"

namespace etalon {
namespace {

void check_groups(std::span<const GradientGroup> groups, double small_batch_size,
                  double group_size) {
  if (groups.size() < 2) {
    throw InputError(fmt::format("there are {} groups of gradients", groups.size()), "",
                     "give at least 2");
  }
  check_moment("small_batch_size", small_batch_size, 1.0);
  check_moment("group_size", group_size, small_batch_size);
  for (const GradientGroup& group : groups) {
    check_moment("small_squared_norm", group.small_squared_norm, 0.0);
    check_moment("squared_norm", group.squared_norm, 0.0);
  }
}

// The sums over all groups that any K − 1 of them are got from.
struct GroupSums {
  double count = 0.0;    // K
  double small = 0.0;    // Σ mean |g_b|²
  double squared = 0.0;  // K²|ḡ|² = |Σ g_k|², as K·Σ g_k·ḡ
};

// |ḡ|² is never below 0, but its sum of products may be by rounding.
double not_negative(double value) { return value > 0.0 ? value : 0.0; }

NoiseMoments of_all(const GroupSums& sums, double small_batch_size, double group_size) {
  return moments_of({small_batch_size, sums.small / sums.count, sums.count * group_size,
                     not_negative(sums.squared) / (sums.count * sums.count)});
}

// |Σ g − g_k|² = |Σ g|² − 2·K·ḡ·g_k + |g_k|².
GroupSums without(const GroupSums& sums, const GradientGroup& group) {
  return {sums.count - 1.0, sums.small - group.small_squared_norm,
          sums.squared - 2.0 * sums.count * group.dot_with_mean + group.squared_norm};
}

GroupSums sums_of(std::span<const GradientGroup> groups) {
  GroupSums sums{static_cast<double>(groups.size())};
  for (const GradientGroup& group : groups) {
    sums.small += group.small_squared_norm;
    sums.squared += sums.count * group.dot_with_mean;
  }
  return sums;
}

// With the groups left out in turn; one of two groups of one part each leaves no pair.
std::vector<NoiseMoments> left_out(std::span<const GradientGroup> groups, const GroupSums& sums,
                                   double small_batch_size, double group_size) {
  std::vector<NoiseMoments> all;
  all.reserve(groups.size());
  for (const GradientGroup& group : groups) {
    all.push_back(of_all(without(sums, group), small_batch_size, group_size));
  }
  return all;
}

}  // namespace

NoiseScale estimate_noise_scale(std::span<const GradientGroup> groups, double small_batch_size,
                                double group_size, const NoiseScaleOptions& options) {
  check_groups(groups, small_batch_size, group_size);
  const GroupSums sums = sums_of(groups);
  MomentErrors of;
  of.moments = of_all(sums, small_batch_size, group_size);
  of.measurements = std::ssize(groups);
  of.examples = sums.count * group_size;
  if ((sums.count - 1.0) * group_size > small_batch_size) {
    add_jackknife(left_out(groups, sums, small_batch_size, group_size), of);
  }
  return noise_scale_of(of, options);
}

}  // namespace etalon

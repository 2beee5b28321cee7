// The largest eigenvalue λ_max of the mean of symmetric matrices over a population, such as the
// Hessians of examples, from those of a sample in groups, with an interval over samples.
//
// With Ĥ the mean of the sample and H that of the population:
//
//   from above   λ_max(Ĥ): its expectation is at least λ_max(H), as the largest eigenvalue is
//   convex from below   v_Aᵀ·Ĥ_B·v_A and the other way round, with v_A the eigenvector of one half
//   of the
//                groups and Ĥ_B the mean of the other: its expectation is v_Aᵀ·H·v_A, at most
//                λ_max(H)
//
// The interval goes from the second less its error to the first and its, by Student's quantile over
// the groups: what a sample makes of λ_max, too large where other eigenvalues are near, is inside.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "core/random.hpp"
#include "train/lanczos.hpp"

namespace etalon {

struct GroupMatrices {
  std::size_t size = 0;    // rows, >= 1
  std::size_t groups = 0;  // of equal numbers of examples, an even number, >= 4
  // Adds the mean matrix of a group times `from` to `to`.
  std::function<void(std::size_t group, std::span<const float> from, std::span<float> to)> add;
};

struct Sharpness : LargestEigenvalue {  // of the sample
  std::optional<double> low, high;      // of the population's; empty where it is not finite
};

// Takes half as many products again as without the interval. `level` in (0, 1).
Sharpness sharpness_of(const GroupMatrices& of, RandomStream& stream, double level);

// Without an interval.
LargestEigenvalue largest_of_mean(const GroupMatrices& of, RandomStream& stream);

}  // namespace etalon

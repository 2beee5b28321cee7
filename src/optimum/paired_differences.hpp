// Differences within seeds between some runs and the best tried learning rate of a table, for where
// no curve can be fitted.
//
// The best learning rate is chosen on the same noisy losses that it is compared on, which would
// flatter it; so for each seed it is chosen on the other seeds and the difference is taken on this
// one (cross-fitting). The spread of so few differences is poorly known; it is pooled with the
// residual spread of the (learning rate by seed) table near the best unless it is the greater.
// Shared by the estimates of regrets. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "optimum/loss_table.hpp"
#include "optimum/student_interval.hpp"

namespace etalon {

// Losses by column of a table that has a seed; empty where the seed was not run.
using SeedLosses = std::vector<std::optional<double>>;

SeedLosses losses_of_row(const LossTable& table, std::size_t row);

// The part of a table where every chosen row has every chosen seed.
struct Block {
  std::vector<std::size_t> rows;
  std::vector<std::size_t> columns;
};

// The seeds that `losses` and row `best` share, and the rows that have them all.
Block shared_block(const LossTable& table, const SeedLosses& losses, std::size_t best);

// Of the mean difference of `losses` from the best, over at least two columns. Rows within
// `octaves` of the best are near it.
MeanInterval cross_fitted_interval(const LossTable& table, const Block& block,
                                   const SeedLosses& losses, std::size_t best, double level,
                                   double octaves);

}  // namespace etalon

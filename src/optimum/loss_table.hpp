// The losses of one batch size as a table of learning rates by seeds.
//
// Rows are the distinct learning rates, ascending; columns the distinct seeds, ascending, and then
// one for every run without a seed, which is paired with no other. Cells may be missing, and only
// those present are held. Repeats of one cell are averaged. A loss that is not finite counts as
// divergence, and one diverged run makes its whole row diverged: such a row has no mean. The order
// of the observations does not matter, to the last bit. Immutable.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "etalon/trial.hpp"

namespace etalon {

class LossTable {
 public:
  // Throws InputError unless there is an observation, all share one batch size, and batch size and
  // learning rates are within bounds.hpp.
  explicit LossTable(std::span<const Observation> observations);

  double batch_size() const { return batch_size_; }
  std::size_t rows() const { return lrs_.size(); }
  std::size_t seeds() const { return seeds_.size(); }  // the first columns
  double lr(std::size_t row) const { return lrs_[row]; }
  std::uint64_t seed(std::size_t column) const { return seeds_[column]; }
  // What a fit takes for the offset of a column: a seed has its own, all runs without share one.
  std::size_t offset(std::size_t column) const { return std::min(column, seeds_.size()); }
  bool diverged(std::size_t row) const { return diverged_[row]; }
  std::optional<double> loss(std::size_t row, std::size_t column) const;
  struct Cell {
    std::size_t column = 0;
    double loss = 0.0;
  };
  // The cells of a row that have a loss, by ascending column.
  std::span<const Cell> cells(std::size_t row) const {
    return {cells_.data() + starts_[row], starts_[row + 1] - starts_[row]};
  }
  std::optional<std::size_t> row_of(double lr) const;

  // The rows within `octaves` of `center` that did not diverge, ascending.
  std::vector<std::size_t> rows_within(std::size_t center, double octaves) const;
  // What the seeds add to the loss (summing to zero), by least squares of loss = lr + seed over the
  // rows within `octaves` of `center`. A seed that shares no row with others has effect zero.
  std::vector<double> seed_effects(std::size_t center, double octaves) const;

  // The mean loss of each row that did not diverge, as if every seed had run it: the mean of its
  // cells less the effects of their seeds. Equals the plain mean of a full row. Effects are taken
  // near the best row, because far from it, near divergence, seeds do not merely shift the loss.
  const std::vector<std::optional<double>>& means() const { return means_; }

  // The row of least mean, the lower learning rate of equals; empty if every row diverged.
  std::optional<std::size_t> best() const { return best_; }

  // The lowest diverged learning rate above `row`.
  std::optional<double> divergence_above(std::size_t row) const;
  // The outermost rows that did not diverge. Only where `best()` has a value.
  std::size_t lowest_finite() const;
  std::size_t highest_finite() const;

 private:
  void fill_cells(std::span<const Observation> observations);
  // The cells of a row that have a seed: the first of it.
  std::span<const Cell> cells_with_seed(std::size_t row) const;
  std::vector<std::optional<double>> adjusted_means(std::size_t center, double octaves) const;

  double batch_size_ = 0.0;
  std::vector<double> lrs_;
  std::vector<std::uint64_t> seeds_;
  std::vector<Cell> cells_;          // row by row
  std::vector<std::size_t> starts_;  // where each row's cells begin, and the end
  std::vector<bool> diverged_;
  std::vector<std::optional<double>> means_;
  std::optional<std::size_t> best_;
};

}  // namespace etalon

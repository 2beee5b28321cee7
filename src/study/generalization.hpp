// The gap between validation and training loss at the best learning rate of each batch size, and
// its trend; see etalon/generalization.hpp. Pure.
//
// The interval of a gap is Student's, over seeds, with the variance of the other batch sizes pooled
// in as far as they agree (optimum/student_interval.hpp). The slope is that of a least-squares line
// over log2 of the batch size through all trials. Its variance is that about the line, n - 2
// degrees of freedom; where the means of the batch sizes scatter about the line more than their
// seeds explain (the line is no line, or each learning rate has a shift of its own), it is theirs
// alone, with the number of batch sizes less 2.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "etalon/study.hpp"

namespace etalon {

// The gaps of the trials at one batch size, by seed.
struct GapsAt {
  std::int64_t batch_size = 0;  // >= 1
  std::vector<double> gaps;     // one or more
};

struct GapInterval {
  double value = 0.0;
  std::optional<double> low, high;  // both or neither
};

// The mean gap of each of `all`, with intervals of coverage `level` in (0, 1).
std::vector<GapInterval> mean_gaps(const std::vector<GapsAt>& all, double level);

// The slope per doubling of the batch size; empty with fewer than two of them. They are distinct.
std::optional<GapInterval> gap_slope(const std::vector<GapsAt>& all, double level);

// The line of `found.slope`, to draw: its gaps at the first and the last batch size. Empty where
// there is no slope.
std::optional<std::pair<double, double>> gap_line(const Generalization& found);

// From `options`, `trials` and `optima`. Empty where no trial at an optimum has both losses.
std::optional<Generalization> generalization_of(const StudyResult& result);

}  // namespace etalon

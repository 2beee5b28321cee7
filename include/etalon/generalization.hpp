// How far validation loss lies above training loss at the best learning rate of each batch size,
// and whether that gap moves with the batch size.
//
// A gap is a mean over seeds, and its interval is over seeds: the examples are the same for all.
// In one budget of examples a large batch takes fewer steps, fits the training set less and so has
// the smaller gap; only at equal training loss does a gap say something of the minima. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

// At the best learning rate tried at one batch size, of the trials that moved nothing else,
// finished and have both losses.
struct GeneralizationGap {
  std::int64_t batch_size = 0;  // >= 1
  double lr = 0.0;
  std::int64_t trials = 0;  // >= 1
  double train_loss = 0.0;  // mean over the trials, as is the next
  double validation_loss = 0.0;
  double gap = 0.0;                 // validation_loss - train_loss
  std::optional<double> low, high;  // its interval; empty where no seeds tell the noise
};

enum class GapTrend {
  grows,       // the whole interval of the slope lies above 0
  shrinks,     // below 0
  cannot_tell  // it holds 0, or there is none
};

std::string_view to_string(GapTrend trend);  // "grows", ..., "cannot tell"

struct Generalization {
  std::vector<GeneralizationGap> gaps;  // batch sizes ascending, at least one
  // Of the gap per doubling of the batch size, by least squares over all trials; empty with fewer
  // than two batch sizes.
  std::optional<double> slope;
  std::optional<double> slope_low, slope_high;  // empty where too few trials tell the noise
  GapTrend trend = GapTrend::cannot_tell;
  double level = 0.90;      // coverage of every interval
  std::string explanation;  // what this says, in a sentence or two
};

}  // namespace etalon

// The rows of one run's log, in the order of the file, as its curves.
//
// A row stands at the finest counter that the log has: its step, else its epoch, else its number
// among the rows. A row without that counter stands where the one before it stood, since what is
// measured once an epoch is written after the epoch's steps. A step that begins anew with each
// epoch is counted on. Epochs are a curve, too; numbers below `config` are settings.
#pragma once

#include <limits>
#include <span>

#include "imports/logged_run.hpp"
#include "metrics/metric_text.hpp"

namespace etalon {

class LogRows {
 public:
  explicit LogRows(LoggedRun& run) : run_(run) {}
  void hear(std::span<const NamedValue> row);

 private:
  double counted_on(double step, std::span<const NamedValue> row);
  void begin_epoch(double step);

  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

  LoggedRun& run_;
  int rank_ = std::numeric_limits<int>::max();  // of the finest counter so far
  double position_ = 0.0;
  double rows_ = 0.0;
  double epoch_ = kNone;
  double greatest_ = kNone;  // step of the epoch
  double gap_ = 0.0;         // between steps
  double before_ = 0.0;      // steps of the epochs before
};

}  // namespace etalon

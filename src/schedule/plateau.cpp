#include <algorithm>
#include <cmath>

#include "etalon/schedule.hpp"
#include "schedule/check.hpp"

namespace etalon {

using namespace schedule_check;

void PlateauOptions::validate() const {
  positive("lr", lr);
  require(factor > 0 && factor < 1, "factor", factor, "0 < value < 1");
  not_negative("patience", static_cast<double>(patience));
  require(threshold >= 0 && threshold < 1, "threshold", threshold, "0 <= value < 1");
  not_negative("cooldown", static_cast<double>(cooldown));
  not_negative("min_lr", min_lr);
}

ReduceOnPlateau::ReduceOnPlateau(const PlateauOptions& options)
    : options_(options), lr_(options.lr) {
  options_.validate();
}

double ReduceOnPlateau::observe(double loss) {
  const bool better = std::isfinite(loss) && (!best_ || loss < *best_ * (1 - options_.threshold));
  if (better) {
    best_ = loss;
    bad_ = 0;
  } else {
    ++bad_;
  }
  if (cooling_ > 0) {
    --cooling_;
    bad_ = 0;
  }
  if (bad_ > options_.patience) {
    lr_ = std::min(lr_, std::max(lr_ * options_.factor, options_.min_lr));
    cooling_ = options_.cooldown;
    bad_ = 0;
  }
  return lr_;
}

}  // namespace etalon

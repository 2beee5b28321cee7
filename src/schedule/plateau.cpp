#include <algorithm>
#include <cmath>

#include "core/interval.hpp"
#include "etalon/bounds.hpp"
#include "etalon/schedule.hpp"

namespace etalon {

void PlateauOptions::validate() const {
  check_lr(lr, "lr", "in a schedule");
  check_in("factor", factor, kInnerShare, "in a schedule");
  check_in("patience", static_cast<double>(patience), kNotNegative, "in a schedule");
  check_in("threshold", threshold, kDecayCoefficient, "in a schedule");
  check_in("cooldown", static_cast<double>(cooldown), kNotNegative, "in a schedule");
  check_in("min_lr", min_lr, kNotNegative, "in a schedule");
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

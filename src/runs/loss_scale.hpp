// The scale on which losses are fitted. A share, such as an accuracy, saturates at 0 and at 1,
// where no parabola fits it: the logarithm of its odds does not.
#pragma once

#include <span>

#include "etalon/trial.hpp"
#include "runs/group_fit.hpp"
#include "runs/metric.hpp"

namespace etalon {

class LossScale {
 public:
  // As the losses are.
  LossScale() = default;
  // Of losses in [0, bound]; what lies at a bound, or nearer to it than half of what any other
  // does, is taken to lie that near.
  LossScale(double bound, std::span<const Observation> runs);

  bool is_plain() const { return bound_ == 0.0; }
  double to_fit(double loss) const;
  double from_fit(double fitted) const;
  // Everything that was fitted, back as the losses are.
  void restore(GroupFit& fit) const;

 private:
  void restore(Forecast& forecast) const;
  void restore(GroupForecast& forecast) const;

  double bound_ = 0.0;  // 0: no bound
  double nearest_ = 0.0;
};

// Of the losses that a metric becomes: a share that is maximized has a bound. One that never gets
// half-way to it does not saturate there, and may be no share.
LossScale scale_of(const std::optional<Metric>& metric, std::span<const Observation> runs);

}  // namespace etalon

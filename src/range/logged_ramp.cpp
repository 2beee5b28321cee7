#include "range/logged_ramp.hpp"

#include <algorithm>
#include <cmath>

namespace etalon {
namespace {

// What the differences of some numbers deviate by, in their mean.
double unevenness(std::span<const double> of, double (*scale)(double)) {
  double sum = 0.0, squares = 0.0;
  const auto count = static_cast<double>(of.size() - 1);
  for (std::size_t i = 1; i < of.size(); ++i) {
    const double step = scale(of[i]) - scale(of[i - 1]);
    sum += step, squares += step * step;
  }
  return squares * count / (sum * sum) - 1.0;
}

double as_it_is(double value) { return value; }
double logarithm(double value) { return std::log(value); }

}  // namespace

RangeCurve logged_curve(std::span<const double> lrs, std::span<const double> losses,
                        const RampOptions& ramp) {
  RampStop rule(ramp);
  RangeCurve curve;
  for (std::size_t i = 0; i < lrs.size(); ++i) {
    curve.blew_up = rule.is_due(losses[i]);
    curve.blew_up_at = lrs[i];
    if (curve.blew_up) break;
    curve.lrs.push_back(lrs[i]);
    curve.losses.push_back(losses[i]);
  }
  return curve;
}

RampOptions logged_ramp(std::span<const double> lrs, const RampOptions& told) {
  RampOptions ramp = told;
  ramp.steps = std::ssize(lrs);
  if (lrs.size() < 3) return ramp;
  ramp.is_linear = unevenness(lrs, as_it_is) < unevenness(lrs, logarithm);
  const double share = place_on_ramp(lrs.back(), ramp) - place_on_ramp(lrs.front(), ramp);
  ramp.steps = 1 + std::llround(static_cast<double>(lrs.size() - 1) / std::min(share, 1.0));
  return ramp;
}

double place_on_ramp(double lr, const RampOptions& ramp) {
  const auto scale = ramp.is_linear ? as_it_is : logarithm;
  return (scale(lr) - scale(ramp.lowest)) / (scale(ramp.highest) - scale(ramp.lowest));
}

}  // namespace etalon

// A ramp that somebody else ran and logged: its curve, ended where a ramp of our own would have
// stopped, and its shape. Pure functions.
#pragma once

#include <span>

#include "range/ramp.hpp"
#include "range/range_curve.hpp"

namespace etalon {

// `lrs` ascending, as many `losses`, the last of which may be not finite. Of `ramp` the stop rule.
RangeCurve logged_curve(std::span<const double> lrs, std::span<const double> losses,
                        const RampOptions& ramp);

// `told` with the shape that its rates have, equal steps or equal factors, whichever are more
// alike, and as many steps from end to end as are logged, where it stopped early too.
RampOptions logged_ramp(std::span<const double> lrs, const RampOptions& told);

// How far along the whole ramp a rate lies, as its shape has it: 0 at the lowest, 1 at the highest.
double place_on_ramp(double lr, const RampOptions& ramp);

}  // namespace etalon

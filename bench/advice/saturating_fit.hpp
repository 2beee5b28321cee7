// The plain fit that anybody would try first, to be scored beside the advice:
//   ln η*(B) = ln A − p · ln(1 + B0/B)
// by least squares to the optima as `parabola_optimum` reads them off, with p of 1/2 and 1, B0 on a
// grid of quarter octaves from a 64th of the least batch size to 64 times the greatest, and A in
// closed form: the rise that the linear or the square-root rule promises, up to a plateau
// (McCandlish et al. 2018, arXiv 1812.06162, has p = 1). Of equal fits the first, with the least
// B0, is taken.
#pragma once

#include "advice/setting.hpp"

namespace etalon::bench {

// η at `target`. Each batch size of `known` has three learning rates with a loss or more.
double saturating_fit(const Runs& known, double target);

}  // namespace etalon::bench

// Reading a forecast off the curves that may hold at one batch size. Pure.
#pragma once

#include "etalon/advice.hpp"
#include "surface/fitted_surface.hpp"
#include "surface/predictive_curves.hpp"

namespace etalon {

// `curves` is in the units of the surface's sweep.
Forecast make_forecast(const FittedSurface& surface, const PredictiveCurves& curves,
                       double batch_size, const AdviceOptions& options);

}  // namespace etalon

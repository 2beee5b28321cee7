// Reading a forecast off the curves that may hold at one batch size. Pure.
#pragma once

#include "etalon/advice.hpp"
#include "law/loss_outlook.hpp"
#include "law/surface_outlook.hpp"

namespace etalon {

// `outlook` is in the units of the surface's sweep.
Forecast make_forecast(const SurfaceOutlook& surface, const LossOutlook& outlook, double batch_size,
                       const AdviceOptions& options);

}  // namespace etalon

// Time as something that is handed in, so that tests can set it. Safe from any thread.
#pragma once

#include <functional>

namespace etalon {

// Seconds since any fixed moment, never going back.
using Clock = std::function<double()>;
double steady_seconds();

}  // namespace etalon

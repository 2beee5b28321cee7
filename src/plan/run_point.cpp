#include "plan/run_point.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace etalon {

double rounded_lr(double lr) { return std::strtod(fmt::format("{:.2e}", lr).c_str(), nullptr); }

}  // namespace etalon

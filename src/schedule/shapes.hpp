// Each shape: its checks, its factor of the peak, its momentum and its end.
#pragma once

#include <optional>

#include "etalon/schedule.hpp"

namespace etalon {

void validate_shape(const Shape& shape);
double shape_factor(const Shape& shape, double time);
std::optional<double> shape_momentum(const Shape& shape, double time);
std::optional<double> shape_end(const Shape& shape);
// The shape with every length multiplied by `ratio`.
Shape stretch(const Shape& shape, double ratio);

}  // namespace etalon

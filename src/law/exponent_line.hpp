// The law whose exponent etalon/exponent.hpp has, as a line to draw. Pure.
#pragma once

#include <optional>
#include <span>

#include "etalon/optimum.hpp"

namespace etalon {

// Over the batch sizes that it was fitted over: η* as the law has it at both ends.
struct ExponentLine {
  double batch_size_low = 0.0, lr_low = 0.0;
  double batch_size_high = 0.0, lr_high = 0.0;
};

// Empty where fit_exponent of the same is.
std::optional<ExponentLine> exponent_line(std::span<const Optimum> optima, double level);

}  // namespace etalon

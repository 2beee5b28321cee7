// Numbers and text as people read them on a terminal. Pure functions.
#pragma once

#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>

namespace etalon {

std::string display_lr(double lr);      // three significant digits, "0.0125"
std::string display_loss(double loss);  // four significant digits, "0.3412"
// "0.1 to 0.4", "0.1 or more", "up to 0.4", "unbounded"
std::string display_interval(const std::optional<double>& low, const std::optional<double>& high);
std::string display_duration(double seconds);  // "8 s", "2:05", "1:02:03"

// Whether to colour what goes to `stream`: a terminal, not a dumb one, and no NO_COLOR.
bool wants_color(std::FILE* stream);
// Columns of the terminal behind `stream`; `otherwise` when it is none.
std::size_t terminal_width(std::FILE* stream, std::size_t otherwise);

}  // namespace etalon

// Numbers as people write them: the shortest text that is right to twelve digits, so that rounding
// in the last bits of a double does not show (0.6, not 0.6000000000000001).
#pragma once

#include <string>

namespace etalon {

std::string plain_number(double value);

// The double that `plain_number` reads as.
double to_plain(double value);

}  // namespace etalon

// Numbers as people write them: the shortest text that is right to twelve digits, so that rounding
// in the last bits of a double does not show (0.6, not 0.6000000000000001); or fewer digits.
#pragma once

#include <string>

namespace etalon {

std::string plain_number(double value);

// To so many significant digits, and not fewer than stand before its point: "0.0125", "130",
// "20480". What is far from 1 has an exponent: "2.1e-06", "1.3e+08". For sentences and tables.
std::string rounded_number(double value, int digits);

// The double that `plain_number` reads as.
double to_plain(double value);

}  // namespace etalon

// Losses and regrets that a fitted curve tells, where it may be far outside its runs: there they
// are what a parabola or an exponential makes of them, and no forecast. Pure functions.
#pragma once

#include <string>

namespace etalon {

// Beyond this such a number says that it is large, and no more: 100 times the losses that are
// known, `known` being one of them, rounded up to a power of ten, and 1000 at least.
double greatest_told(double known);

// As rounded_number, but "> 1000" beyond that, and "< -1000"; for tables.
std::string told_number(double value, int digits, double greatest);
// The same for sentences: "over 1000", "below -1000".
std::string told_in_words(double value, int digits, double greatest);

}  // namespace etalon

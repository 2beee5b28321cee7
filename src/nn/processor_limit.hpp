// What one core of this processor can do at the most.
#pragma once

#include <string>

namespace etalon {

// Which vector instructions the limit was measured with: "AVX-512", "AVX2" or "plain".
std::string vector_instructions();

// Floating-point operations a second of multiply-adds in single precision that stay in registers,
// on the calling thread, over about `seconds`. No step can be faster than its products at this
// rate.
double multiply_add_rate(double seconds);

// Whether this processor multiplies bf16 numbers by instructions of its own.
bool has_bf16();

}  // namespace etalon

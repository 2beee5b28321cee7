// Elementary functions of single floats that compilers turn into vector instructions: no branches,
// no library calls. Inlined into cloned loops (core/simd.hpp); equal input gives equal bits on
// processors of one kind.
#pragma once

#include <bit>
#include <cstdint>

#include "model/layer_spec.hpp"

namespace etalon {

// e^x within 2e-7 of it, relative, for x in [-87, 88]; beyond, as at the nearest end. By powers of
// two and a polynomial on [-ln 2 / 2, ln 2 / 2] (Cephes' expf).
[[gnu::always_inline]] inline float fast_exp(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  constexpr float kRound = 12582912.0f;  // 1.5·2^23: adding it leaves whole numbers
  const float power = (x * 1.44269504088896341f + kRound) - kRound;
  const float rest = (x - power * 0.693359375f) - power * -2.12194440e-4f;
  float value = 1.9875691500e-4f;
  value = value * rest + 1.3981999507e-3f;
  value = value * rest + 8.3334519073e-3f;
  value = value * rest + 4.1665795894e-2f;
  value = value * rest + 1.6666665459e-1f;
  value = value * rest + 5.0000001201e-1f;
  value = value * rest * rest + rest + 1.0f;
  const auto exponent = static_cast<std::int32_t>(power) + 127;
  return value * std::bit_cast<float>(exponent << 23);
}

// Within 3e-7 of tanh x.
[[gnu::always_inline]] inline float fast_tanh(float x) {
  return 1.0f - 2.0f / (fast_exp(2.0f * x) + 1.0f);
}

constexpr float kGeluScale = 0.7978845608028654f;  // sqrt(2/π)
constexpr float kGeluCube = 0.044715f;

[[gnu::always_inline]] inline float gelu(float x) {
  const float inner = kGeluScale * (x + kGeluCube * x * x * x);
  return 0.5f * x * (1.0f + fast_tanh(inner));
}

[[gnu::always_inline]] inline float gelu_slope(float x) {
  const float inner = kGeluScale * (x + kGeluCube * x * x * x);
  const float t = fast_tanh(inner);
  const float inner_slope = kGeluScale * (1.0f + 3.0f * kGeluCube * x * x);
  return 0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * inner_slope;
}

}  // namespace etalon

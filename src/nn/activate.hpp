// Activations over whole tensors, forward and backward.
#pragma once

#include <cstdint>

#include "model/layer_spec.hpp"

namespace etalon {

// dst (rows, columns) = act(dst + bias). What the slope needs that dst does not tell, the values
// before the activation, is left in `before` where it is not null (see `needs_values_before`).
void add_bias_and_activate(float* dst, const float* bias, std::int64_t rows, std::int64_t columns,
                           Activation activation, float* before);
// dst = act(src).
void activate(const float* src, float* dst, std::int64_t size, Activation activation);

// Whether the slope of an activation is told by its values before, not by those after.
bool needs_values_before(Activation activation);

// diff *= act'; `values` are those before the activation or after it, as `needs_values_before`
// says. A value that is not finite stays visible in the gradient.
void multiply_by_slope(float* diff, const float* values, std::int64_t size, Activation activation);

// sums[i] = the sum of column i.
void sum_rows(const float* matrix, float* sums, std::int64_t rows, std::int64_t columns);
// dst = a + b, or max(0, a + b); a NaN stays visible.
void add_and_activate(const float* a, const float* b, float* dst, std::int64_t size,
                      Activation activation);

}  // namespace etalon

// Sums over long vectors of floats, in double: side by side in vector instructions.
#pragma once

#include <cstddef>
#include <span>

namespace etalon {

// sums[i] += row[i]
void add_row(const float* row, double* sums, std::size_t size);

// Of two vectors of the same size: Σ a_i·b_i, Σ (a_i − b_i)².
double dot_product(std::span<const float> a, std::span<const float> b);
double squared_distance(std::span<const float> a, std::span<const float> b);

// to[i] += factor · from[i]
void add_scaled(double factor, std::span<const float> from, std::span<float> to);

}  // namespace etalon

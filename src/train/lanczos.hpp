// The largest eigenvalue of a symmetric matrix that is known by its products alone.
//
// Lanczos's method (1950) with every new vector made orthogonal to all before it, twice (Parlett
// 1980, "The symmetric eigenvalue problem", chapter 13): the largest eigenvalue θ of the
// tridiagonal matrix of k steps, with s the last component of its vector and β_k the length of what
// is left, lies within |β_k·s| of an eigenvalue of the matrix, and never above the largest one but
// by rounding. Vectors are in single precision, sums in double; keeps one vector for each step.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/aligned_vector.hpp"
#include "core/random.hpp"

namespace etalon {

struct LanczosOptions {
  int most_products = 80;  // >= 1
  // Of the error bound, relative to the eigenvalue; > 0. The eigenvalue itself is then off by about
  // the square of it over the gap to the next one, far less than another sample of examples moves
  // it.
  double tolerance = 0.02;
};

struct LargestEigenvalue {
  double value = 0.0;
  double error = 0.0;  // some eigenvalue lies within it
  int products = 0;    // that it took
  bool converged = false;
};

struct LargestEigenvector {
  LargestEigenvalue eigenvalue;
  AlignedVector vector;  // of length 1
};

// Leaves the matrix times `from` in `to`.
using SymmetricProduct = std::function<void(std::span<const float> from, std::span<float> to)>;

// Of a matrix of `size` rows, >= 1, from a start out of `stream`. Not converged, and not finite,
// where a product is not.
LargestEigenvector largest_eigenvector(std::size_t size, const SymmetricProduct& product,
                                       RandomStream& stream, const LanczosOptions& options = {});
LargestEigenvalue largest_eigenvalue(std::size_t size, const SymmetricProduct& product,
                                     RandomStream& stream, const LanczosOptions& options = {});

}  // namespace etalon

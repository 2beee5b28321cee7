// Matrix products, all row by row, through oneDNN's sgemm.
#pragma once

#include <cstdint>

namespace etalon {

// One operand: `row_length` floats from the start of a row to that of the next.
struct Matrix {
  const float* data = nullptr;
  std::int64_t row_length = 0;
  bool transposed = false;
};

// c (m, n) = alpha · op(a) · op(b) + beta · c, with an inner extent of k; rows of c lie
// `c_row_length` apart.
void multiply(std::int64_t m, std::int64_t n, std::int64_t k, const Matrix& a, const Matrix& b,
              float alpha, float beta, float* c, std::int64_t c_row_length);

}  // namespace etalon

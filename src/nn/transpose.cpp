#include "nn/transpose.hpp"

#include <cstring>

namespace etalon {

void transpose(const float* src, float* dst, std::int64_t count, std::int64_t rows,
               std::int64_t columns) {
  const std::int64_t size = rows * columns;
  if (rows == 1 || columns == 1) {
    std::memcpy(dst, src, static_cast<std::size_t>(count * size) * sizeof(float));
    return;
  }
  for (std::int64_t n = 0; n < count; ++n, src += size, dst += size) {
    for (std::int64_t column = 0; column < columns; ++column) {
      for (std::int64_t row = 0; row < rows; ++row) {
        dst[column * rows + row] = src[row * columns + column];
      }
    }
  }
}

}  // namespace etalon

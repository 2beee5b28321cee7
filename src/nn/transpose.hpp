// Channels first to channels last, and back.
#pragma once

#include <cstdint>

namespace etalon {

// Of each of `count` matrices (rows, columns), its transpose. `src` and `dst` do not overlap.
void transpose(const float* src, float* dst, std::int64_t count, std::int64_t rows,
               std::int64_t columns);

}  // namespace etalon

// The shape of one example's values, as it goes from layer to layer.
#pragma once

#include <cstdint>
#include <string>

namespace etalon {

// Channels, height and width. A row of F features is (F, 1, 1), a sequence of T positions with D
// features each is (D, T, 1).
struct TensorShape {
  std::int64_t channels = 1;
  std::int64_t height = 1;
  std::int64_t width = 1;
  std::int64_t pixels() const { return height * width; }
  std::int64_t size() const { return channels * pixels(); }
  bool operator==(const TensorShape&) const = default;
};

// "16x14x14", channels first; "784" for a row.
std::string to_text(const TensorShape& shape);

}  // namespace etalon

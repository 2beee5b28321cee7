#include "model/shape.hpp"

#include <fmt/format.h>

namespace etalon {

std::string to_text(const TensorShape& shape) {
  if (shape.pixels() == 1) return fmt::format("{}", shape.channels);
  return fmt::format("{}x{}x{}", shape.channels, shape.height, shape.width);
}

}  // namespace etalon

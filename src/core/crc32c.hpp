// CRC-32C (Castagnoli), as RFC 3720 and TensorFlow's record files use it. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace etalon {

std::uint32_t crc32c(std::string_view bytes);

// As it stands in TensorFlow's record files: ((c >> 15) | (c << 17)) + 0xa282ead8.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace etalon

// Files that are damaged at random.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/random.hpp"
#include "data/idx_bytes.hpp"

namespace etalon::testing {

// One to three changes: a bit flipped, a byte set, a byte dropped, a byte put in, the end cut off,
// the end repeated.
inline Bytes mutate(Bytes bytes, RandomStream& random) {
  const auto at = [&] {
    return static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint32_t>(bytes.size())));
  };
  for (std::uint32_t change = 1 + random.below(3); change > 0 && !bytes.empty(); --change) {
    const auto byte = static_cast<std::uint8_t>(random.next_uint32());
    switch (random.below(6)) {
      case 0:
        bytes[at()] ^= static_cast<std::uint8_t>(1u << random.below(8));
        break;
      case 1:
        bytes[at()] = byte;
        break;
      case 2:
        bytes.erase(bytes.begin() + at());
        break;
      case 3:
        bytes.insert(bytes.begin() + at(), byte);
        break;
      case 4:
        bytes.resize(static_cast<std::size_t>(at()));
        break;
      default: {
        const Bytes tail(bytes.begin() + at(), bytes.end());
        bytes.insert(bytes.end(), tail.begin(), tail.end());
      }
    }
  }
  return bytes;
}

}  // namespace etalon::testing

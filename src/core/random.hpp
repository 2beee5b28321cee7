// Counter-based, named random streams: Philox4x32-10.
//
// Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
// A stream is determined by (seed, name) alone, so a new consumer with a name of its own shifts no
// other. A `RandomStream` is a value for one thread; equal streams give equal numbers everywhere.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace etalon {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

// One block of the generator.
PhiloxCounter philox4x32_10(PhiloxCounter counter, PhiloxKey key);

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name);

  // Goes on with the numbers from 4 * block on.
  void go_to_block(std::uint64_t block);

  std::uint32_t next_uint32();
  std::uint64_t next_uint64();
  // Uniform in [0, 1), 53 bits.
  double uniform();
  // Uniform over {0, ..., bound - 1} without bias (Lemire 2019, arXiv 1805.10941); bound >= 1.
  std::uint32_t below(std::uint32_t bound);
  // Standard normal, by Box and Muller.
  double normal();

 private:
  PhiloxCounter counter_{};
  PhiloxKey key_{};
  PhiloxCounter block_{};
  int used_ = 4;
};

// A uniformly random order of 0, ..., size - 1 (Fisher and Yates).
std::vector<std::uint32_t> random_permutation(std::uint32_t size, RandomStream& stream);

}  // namespace etalon

#include "core/random.hpp"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace etalon {
namespace {

// FNV-1a: a stable hash of the stream's name.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325ull;
  for (const char c : text) {
    value ^= static_cast<unsigned char>(c);
    value *= 0x100000001b3ull;
  }
  return value;
}

}  // namespace

PhiloxCounter philox4x32_10(PhiloxCounter c, PhiloxKey k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = 0xD2511F53ull * c[0];
    const std::uint64_t product1 = 0xCD9E8D57ull * c[2];
    c = {static_cast<std::uint32_t>(product1 >> 32) ^ c[1] ^ k[0],
         static_cast<std::uint32_t>(product1),
         static_cast<std::uint32_t>(product0 >> 32) ^ c[3] ^ k[1],
         static_cast<std::uint32_t>(product0)};
    k[0] += 0x9E3779B9u;
    k[1] += 0xBB67AE85u;
  }
  return c;
}

RandomStream::RandomStream(std::uint64_t seed, std::string_view name) {
  const std::uint64_t name_hash = hash(name);
  key_ = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  counter_[2] = static_cast<std::uint32_t>(name_hash);
  counter_[3] = static_cast<std::uint32_t>(name_hash >> 32);
}

void RandomStream::go_to_block(std::uint64_t block) {
  counter_[0] = static_cast<std::uint32_t>(block);
  counter_[1] = static_cast<std::uint32_t>(block >> 32);
  used_ = 4;
}

std::uint32_t RandomStream::next_uint32() {
  if (used_ == 4) {
    block_ = philox4x32_10(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return block_[static_cast<std::size_t>(used_++)];
}

std::uint64_t RandomStream::next_uint64() {
  const std::uint64_t low = next_uint32();
  return low | static_cast<std::uint64_t>(next_uint32()) << 32;
}

double RandomStream::uniform() { return static_cast<double>(next_uint64() >> 11) * 0x1p-53; }

std::uint32_t RandomStream::below(std::uint32_t bound) {
  std::uint64_t product = static_cast<std::uint64_t>(next_uint32()) * bound;
  if (static_cast<std::uint32_t>(product) < bound) {
    const std::uint32_t threshold = -bound % bound;
    while (static_cast<std::uint32_t>(product) < threshold) {
      product = static_cast<std::uint64_t>(next_uint32()) * bound;
    }
  }
  return static_cast<std::uint32_t>(product >> 32);
}

double RandomStream::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::vector<std::uint32_t> random_permutation(std::uint32_t size, RandomStream& stream) {
  std::vector<std::uint32_t> order(size);
  std::iota(order.begin(), order.end(), 0u);
  for (std::uint32_t i = size; i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
  return order;
}

}  // namespace etalon

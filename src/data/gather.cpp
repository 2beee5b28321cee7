#include "data/gather.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>

#include "core/simd.hpp"

namespace etalon {

// Not in an unnamed namespace: clang 14 gives clones no body there.
namespace gather_detail {

void normalize(const std::uint8_t* pixels, std::size_t count, float mean, float scale, float* dst);

ETALON_SIMD_CLONES
void normalize(const std::uint8_t* __restrict pixels, std::size_t count, float mean, float scale,
               float* __restrict dst) {
  for (std::size_t i = 0; i < count; ++i) {
    dst[i] = (static_cast<float>(pixels[i]) - mean) * scale;
  }
}

}  // namespace gather_detail

namespace {

// Rows lie at random places, so the processor cannot foresee them; asked for this far ahead, they
// arrive while earlier ones are converted.
constexpr std::size_t kRowsAhead = 8;

void prefetch(const std::uint8_t* row, std::size_t size) {
  constexpr std::size_t kCacheLine = 64;
  for (std::size_t i = 0; i < size; i += kCacheLine) __builtin_prefetch(row + i);
}

}  // namespace

void gather(const Dataset& dataset, const Normalization& normalization,
            std::span<const std::uint32_t> indices, std::span<float> src,
            std::span<std::int32_t> labels) {
  const std::size_t features = dataset.features();
  assert(src.size() == indices.size() * features);
  assert(labels.size() == indices.size());
  const std::uint8_t* const pixels = dataset.pixels.data();
  const std::size_t ahead = std::min(kRowsAhead, indices.size());
  for (std::size_t n = 0; n < ahead; ++n) prefetch(pixels + indices[n] * features, features);
  for (std::size_t n = 0; n < indices.size(); ++n) {
    assert(indices[n] < dataset.size());
    if (n + ahead < indices.size()) prefetch(pixels + indices[n + ahead] * features, features);
    gather_detail::normalize(pixels + indices[n] * features, features, normalization.mean,
                             normalization.scale, src.data() + n * features);
    labels[n] = dataset.labels[indices[n]];
  }
}

}  // namespace etalon

#include "data/gather.hpp"

#include <cassert>
#include <cstddef>

#include "core/simd.hpp"

namespace etalon {
namespace gather_detail {

ETALON_SIMD_CLONES
void normalize(const std::uint8_t* __restrict pixels, std::size_t count, float mean, float scale,
               float* __restrict dst) {
  for (std::size_t i = 0; i < count; ++i) {
    dst[i] = (static_cast<float>(pixels[i]) - mean) * scale;
  }
}

}  // namespace gather_detail

namespace {

// Examples lie all over the data set, which no hardware prefetcher can foresee: asking for a row
// while the rows before it are converted made gathering twice as fast.
constexpr std::size_t kRowsAhead = 2;

void prefetch(const std::uint8_t* bytes, std::size_t count) {
  constexpr std::size_t kCacheLine = 64;
  for (std::size_t i = 0; i < count; i += kCacheLine) __builtin_prefetch(bytes + i);
}

}  // namespace

void gather(const Dataset& dataset, const Normalization& normalization,
            std::span<const std::uint32_t> indices, std::span<float> src,
            std::span<std::int32_t> labels) {
  const std::size_t features = dataset.features();
  assert(src.size() == indices.size() * features);
  assert(labels.size() == indices.size());
  const std::uint8_t* pixels = dataset.pixels.data();
  for (std::size_t n = 0; n < indices.size(); ++n) {
    assert(indices[n] < dataset.size());
    if (n + kRowsAhead < indices.size()) {
      prefetch(pixels + indices[n + kRowsAhead] * features, features);
    }
    gather_detail::normalize(pixels + indices[n] * features, features, normalization.mean,
                             normalization.scale, src.data() + n * features);
    labels[n] = dataset.labels[indices[n]];
  }
}

}  // namespace etalon

#include "data/gather.hpp"

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

void gather(const Dataset& dataset, const Normalization& normalization,
            std::span<const std::uint32_t> indices, std::span<float> src,
            std::span<std::int32_t> labels) {
  const std::size_t features = dataset.features();
  assert(src.size() == indices.size() * features);
  assert(labels.size() == indices.size());
  for (std::size_t n = 0; n < indices.size(); ++n) {
    assert(indices[n] < dataset.size());
    gather_detail::normalize(dataset.pixels.data() + indices[n] * features, features,
                             normalization.mean, normalization.scale, src.data() + n * features);
    labels[n] = dataset.labels[indices[n]];
  }
}

}  // namespace etalon

#include "data/gather.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>

#include "core/simd.hpp"
#include "data/normalize_row.hpp"

namespace etalon {

// Not in an unnamed namespace: clang 14 gives clones no body there.
namespace gather_detail {

void normalize_bytes(const std::uint8_t* values, std::size_t count, float mean, float scale,
                     float* dst);
void normalize_floats(const float* values, std::size_t count, float mean, float scale, float* dst);
void normalize_each(const float* values, std::size_t count, const float* mean, const float* scale,
                    float* dst);

ETALON_SIMD_CLONES
void normalize_bytes(const std::uint8_t* __restrict values, std::size_t count, float mean,
                     float scale, float* __restrict dst) {
  for (std::size_t i = 0; i < count; ++i) {
    dst[i] = (static_cast<float>(values[i]) - mean) * scale;
  }
}

ETALON_SIMD_CLONES
void normalize_floats(const float* __restrict values, std::size_t count, float mean, float scale,
                      float* __restrict dst) {
  for (std::size_t i = 0; i < count; ++i) dst[i] = (values[i] - mean) * scale;
}

ETALON_SIMD_CLONES
void normalize_each(const float* __restrict values, std::size_t count, const float* __restrict mean,
                    const float* __restrict scale, float* __restrict dst) {
  for (std::size_t i = 0; i < count; ++i) dst[i] = (values[i] - mean[i]) * scale[i];
}

}  // namespace gather_detail

void normalize_row(const std::uint8_t* row, std::size_t size, const Normalization& by, float* dst) {
  const std::size_t parts = by.mean.size(), length = size / parts;
  for (std::size_t part = 0; part < parts; ++part) {
    gather_detail::normalize_bytes(row + part * length, length, by.mean[part], by.scale[part],
                                   dst + part * length);
  }
}

void normalize_row(const float* row, std::size_t size, const Normalization& by, float* dst) {
  const std::size_t parts = by.mean.size(), length = size / parts;
  if (length == 1) {
    return gather_detail::normalize_each(row, size, by.mean.data(), by.scale.data(), dst);
  }
  for (std::size_t part = 0; part < parts; ++part) {
    gather_detail::normalize_floats(row + part * length, length, by.mean[part], by.scale[part],
                                    dst + part * length);
  }
}

namespace {

// Rows lie at random places, so the processor cannot foresee them; asked for this far ahead, they
// arrive while earlier ones are converted.
constexpr std::size_t kRowsAhead = 8;

template <typename Value>
void prefetch(const Value* row, std::size_t count) {
  constexpr std::size_t kCacheLine = 64;
  const char* bytes = reinterpret_cast<const char*>(row);
  for (std::size_t i = 0; i < count * sizeof(Value); i += kCacheLine) {
    __builtin_prefetch(bytes + i);
  }
}

template <typename Value>
void gather_rows(const Dataset& dataset, const Value* values, const Normalization& normalization,
                 std::span<const std::uint32_t> indices, float* dst) {
  const std::size_t size = dataset.features();
  const auto row = [&](std::size_t n) { return values + dataset.rows[indices[n]] * size; };
  const std::size_t ahead = std::min(kRowsAhead, indices.size());
  for (std::size_t n = 0; n < ahead; ++n) prefetch(row(n), size);
  for (std::size_t n = 0; n < indices.size(); ++n) {
    assert(indices[n] < dataset.size());
    if (n + ahead < indices.size()) prefetch(row(n + ahead), size);
    normalize_row(row(n), size, normalization, dst + n * size);
  }
}

void gather_text(const Dataset& dataset, std::span<const std::uint32_t> indices, float* src,
                 std::int32_t* labels) {
  const Examples& text = *dataset.examples;
  const std::size_t length = dataset.features();
  for (const std::uint32_t index : indices) {
    const std::uint8_t* window = text.bytes.data() + index * text.stride;
    for (std::size_t t = 0; t < length; ++t) *src++ = window[t];
    for (std::size_t t = 1; t <= length; ++t) *labels++ = window[t];
  }
}

}  // namespace

void gather(const Dataset& dataset, const Normalization& normalization,
            std::span<const std::uint32_t> indices, std::span<float> src,
            std::span<std::int32_t> labels) {
  const Examples& examples = *dataset.examples;
  assert(src.size() == indices.size() * dataset.features());
  assert(examples.shape.is_regression() ||
         labels.size() == indices.size() * static_cast<std::size_t>(examples.shape.positions));
  if (examples.shape.is_text()) return gather_text(dataset, indices, src.data(), labels.data());
  if (examples.floats.empty()) {
    gather_rows(dataset, examples.bytes.data(), normalization, indices, src.data());
  } else {
    gather_rows(dataset, examples.floats.data(), normalization, indices, src.data());
  }
  if (examples.shape.is_regression()) return;
  for (std::size_t n = 0; n < indices.size(); ++n) labels[n] = dataset.label(indices[n]);
}

void gather_targets(const Dataset& dataset, const Normalization& normalization,
                    std::span<const std::uint32_t> indices, std::span<float> targets) {
  const auto outputs = static_cast<std::size_t>(dataset.shape().outputs);
  assert(targets.size() == indices.size() * outputs);
  for (std::size_t n = 0; n < indices.size(); ++n) {
    const std::size_t row = dataset.rows[indices[n]];
    gather_detail::normalize_each(dataset.examples->targets.data() + row * outputs, outputs,
                                  normalization.target_mean.data(),
                                  normalization.target_scale.data(), targets.data() + n * outputs);
  }
}

}  // namespace etalon

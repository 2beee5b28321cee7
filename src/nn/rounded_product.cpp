#include "nn/rounded_product.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <bit>
#include <cstring>

#include "nn/layer_support.hpp"

namespace etalon {

namespace {

// To the nearest, ties to even. A NaN whose significand would be carried away stays one.
std::uint16_t nearest_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const bool is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
  if (is_nan) return static_cast<std::uint16_t>((bits >> 16) | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

#if defined(__x86_64__)
// Rounds sixteen at a time, and says how many of `size` it did.
[[gnu::target("avx512f,avx512bw,avx512vl,avx512bf16")]] std::int64_t round_vectors(
    const float* src, std::uint16_t* dst, std::int64_t size) {
  std::int64_t at = 0;
  for (; at + 16 <= size; at += 16) {
    const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_loadu_ps(src + at));
    std::memcpy(dst + at, &rounded, sizeof(rounded));
  }
  return at;
}
#else
std::int64_t round_vectors(const float*, std::uint16_t*, std::int64_t) { return 0; }
#endif

}  // namespace

RoundedMatrix::RoundedMatrix(std::int64_t rows, std::int64_t columns)
    : rows_(rows), columns_(columns), values_(static_cast<std::size_t>(rows * columns)) {}

void RoundedMatrix::round(const float* values) {
  const std::int64_t size = rows_ * columns_;
  for (std::int64_t i = round_vectors(values, values_.data(), size); i < size; ++i) {
    values_[static_cast<std::size_t>(i)] = nearest_bf16(values[i]);
  }
}

dnnl::memory RoundedMatrix::factor(bool transposed) {
  const dnnl::memory::dims extents =
      transposed ? dnnl::memory::dims{columns_, rows_} : dnnl::memory::dims{rows_, columns_};
  const dnnl::memory::dims strides =
      transposed ? dnnl::memory::dims{1, columns_} : dnnl::memory::dims{columns_, 1};
  return {{extents, dnnl::memory::data_type::bf16, strides}, cpu_engine(), values_.data()};
}

RoundedProduct::RoundedProduct(const dnnl::memory& a, const dnnl::memory& b, float* dst)
    : stream_(cpu_engine()) {
  const dnnl::memory::desc result({a.get_desc().dims()[0], b.get_desc().dims()[1]},
                                  dnnl::memory::data_type::f32, dnnl::memory::format_tag::ab);
  product_ = dnnl::matmul(
      dnnl::matmul::primitive_desc({a.get_desc(), b.get_desc(), result}, cpu_engine()));
  arguments_ = {{DNNL_ARG_SRC, a},
                {DNNL_ARG_WEIGHTS, b},
                {DNNL_ARG_DST, dnnl::memory(result, cpu_engine(), dst)}};
}

}  // namespace etalon

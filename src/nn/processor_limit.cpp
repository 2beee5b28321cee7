#include "nn/processor_limit.hpp"

#include <chrono>
#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace etalon {
namespace {

constexpr int kSums = 12;  // enough to hide a multiply-add's latency behind the others
constexpr std::int64_t kTurns = 20000;

// Keeps the compiler from leaving the sums out.
void use(float value) {
  volatile float sink = value;
  static_cast<void>(sink);
}

// Each returns the operations that it did.
double run_plain() {
  float sums[kSums] = {};
  const float factor = 0.5f;
  for (std::int64_t i = 0; i < kTurns; ++i) {
    for (float& sum : sums) sum = sum * factor + factor;
  }
  for (const float sum : sums) use(sum);
  return 2.0 * kSums * kTurns;
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] double run_avx2() {
  __m256 sums[kSums];
  for (__m256& sum : sums) sum = _mm256_setzero_ps();
  const __m256 factor = _mm256_set1_ps(0.5f);
  for (std::int64_t i = 0; i < kTurns; ++i) {
#pragma GCC unroll 12
    for (__m256& sum : sums) sum = _mm256_fmadd_ps(sum, factor, factor);
  }
  for (const __m256 sum : sums) use(_mm256_cvtss_f32(sum));
  return 2.0 * 8 * kSums * kTurns;
}

[[gnu::target("avx512f")]] double run_avx512() {
  __m512 sums[kSums];
  for (__m512& sum : sums) sum = _mm512_setzero_ps();
  const __m512 factor = _mm512_set1_ps(0.5f);
  for (std::int64_t i = 0; i < kTurns; ++i) {
#pragma GCC unroll 12
    for (__m512& sum : sums) sum = _mm512_fmadd_ps(sum, factor, factor);
  }
  for (const __m512 sum : sums) use(_mm512_cvtss_f32(sum));
  return 2.0 * 16 * kSums * kTurns;
}
#endif

struct Kernel {
  const char* name;
  double (*run)();
};

Kernel best_kernel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return {"AVX-512", run_avx512};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {"AVX2", run_avx2};
#endif
  return {"plain", run_plain};
}

}  // namespace

std::string vector_instructions() { return best_kernel().name; }

double multiply_add_rate(double seconds) {
  using Clock = std::chrono::steady_clock;
  const Kernel kernel = best_kernel();
  const auto start = Clock::now();
  double operations = 0.0, elapsed = 0.0;
  while (elapsed < seconds) {
    operations += kernel.run();
    elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  }
  return operations / elapsed;
}

bool has_bf16() { return dnnl::get_effective_cpu_isa() >= dnnl::cpu_isa::avx512_core_bf16; }

}  // namespace etalon

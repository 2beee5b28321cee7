// While one is in scope, this thread's arithmetic takes and gives 0 for denormal numbers.
//
// A moment whose gradient has become exactly 0 (a dead unit) decays into the denormals, below
// 1.2e-38, where each operation costs over a hundred cycles, and stays there for thousands of
// steps. Nothing that small changes a weight. Empty on processors other than x86-64.
#pragma once

#if defined(__x86_64__)
#include <pmmintrin.h>
#include <xmmintrin.h>
#endif

namespace etalon {

class FlushDenormals {
 public:
#if defined(__x86_64__)
  FlushDenormals() : saved_(_mm_getcsr()) {
    _mm_setcsr(saved_ | _MM_FLUSH_ZERO_ON | _MM_DENORMALS_ZERO_ON);
  }
  ~FlushDenormals() { _mm_setcsr(saved_); }
#else
  FlushDenormals() {}
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

#if defined(__x86_64__)
 private:
  const unsigned saved_;
#endif
};

}  // namespace etalon

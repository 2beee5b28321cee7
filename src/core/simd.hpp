// `ETALON_SIMD_CLONES` before a function compiles its loops once for AVX-512, once for AVX2 and
// once for any x86-64; the processor picks when the program starts.
//
// It is empty on other architectures, and under the address, memory and thread sanitizers, whose
// runtimes are not up yet when the choice is made. Put it on a function with external linkage and a
// plain loop in it, and call that function from its own file only (clang 14 gives it no name that
// other files could link to). What it calls is compiled again only where it is inlined.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(thread_sanitizer)
#define ETALON_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ETALON_SANITIZED 1
#endif

#if defined(__x86_64__) && defined(__linux__) && !defined(ETALON_SANITIZED)
#define ETALON_SIMD_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define ETALON_SIMD_CLONES
#endif

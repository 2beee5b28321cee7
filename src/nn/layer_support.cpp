#include "nn/layer_support.hpp"

#include <fmt/format.h>

#include "core/simd.hpp"
#include "etalon/error.hpp"

// Of the OpenMP runtime under oneDNN. Declared here because <omp.h> is the compiler's own
// runtime's, which need not be the same.
extern "C" void omp_set_num_threads(int threads);

namespace etalon {

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

void compute_alone() { omp_set_num_threads(1); }

void check_dnnl(dnnl_status_t status) {
  if (status == dnnl_success) return;
  throw RunError(fmt::format("oneDNN failed with status {}", static_cast<int>(status)), "", "");
}

ETALON_SIMD_CLONES void deposit(const float* gradient, std::int64_t size, std::int64_t offset,
                                const GradientSink& sink) {
  float* const data = sink.data + offset;
  const float scale = sink.scale;
  if (sink.accumulate) {
    for (std::int64_t i = 0; i < size; ++i) data[i] += scale * gradient[i];
  } else {
    for (std::int64_t i = 0; i < size; ++i) data[i] = scale * gradient[i];
  }
}

}  // namespace etalon

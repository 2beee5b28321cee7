// Small helpers shared by the layers.
#pragma once

#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>

#include "nn/layer.hpp"

namespace etalon {

// One engine for the process: oneDNN's cache of compiled kernels is keyed by it.
const dnnl::engine& cpu_engine();

// Throws RunError for a status of oneDNN's C interface other than success.
void check_dnnl(dnnl_status_t status);

// Keeps oneDNN's work in the calling thread, for trials run side by side instead. The OpenMP
// runtime under it holds the number of threads for each thread that calls it, so that whoever
// computes says so, not whoever made what is computed; it costs a nanosecond.
void compute_alone();

// Adds `size` gradients, or puts them, where the sink wants them (see GradientSink).
void deposit(const float* gradient, std::int64_t size, std::int64_t offset,
             const GradientSink& sink);

}  // namespace etalon

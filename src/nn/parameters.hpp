// Where each tensor of a model lies in its one flat vector of parameters, and how it starts.
//
// Segments follow one another without gaps, in the order of the layers, weights before bias. The
// same layout serves weights, gradients and optimizer state.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/aligned_vector.hpp"
#include "nn/model_spec.hpp"

namespace etalon {

enum class SegmentKind { weights, bias };

struct Segment {
  std::string name;  // "dense1.weights"
  SegmentKind kind = SegmentKind::weights;
  std::vector<std::int64_t> shape;
  std::int64_t offset = 0;  // in floats
  std::int64_t size = 0;    // in floats
  std::int64_t fan_in = 0;  // inputs of one output unit
};

struct ParameterLayout {
  std::vector<Segment> segments;
  std::int64_t size = 0;  // floats altogether
};

ParameterLayout parameter_layout(const ModelSpec& model);

// He initialization (He et al. 2015, arXiv 1502.01852): weights ~ N(0, 2 / fan_in), biases 0. Each
// segment draws from a stream of its own, named after it.
AlignedVector initial_weights(const ParameterLayout& layout, std::uint64_t seed);

}  // namespace etalon

// Where each tensor of a model lies in its one flat vector of parameters, and how it starts.
//
// Segments follow one another without gaps, in the order of the layers, weights before bias. The
// same layout serves weights, gradients and optimizer state. Behind the parameters of a model with
// batch norm lie its running statistics, which no gradient moves.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/aligned_vector.hpp"
#include "model/model_spec.hpp"

namespace etalon {

// What a segment is to an optimizer: gains, biases and statistics are neither decayed nor scaled
// by their norm.
enum class SegmentKind { weights, bias, gain, statistic };

struct Segment {
  std::string name;  // "dense1.weights"
  SegmentKind kind = SegmentKind::weights;
  std::vector<std::int64_t> shape;
  std::int64_t offset = 0;  // in floats
  std::int64_t size = 0;    // in floats
  std::int64_t fan_in = 0;  // inputs of one output unit
  double deviation = 0.0;   // of the normal distribution that it starts from
  double mean = 0.0;        // of the same
};

struct ParameterLayout {
  std::vector<Segment> segments;
  std::int64_t size = 0;              // floats that are trained
  std::vector<Segment> statistics{};  // with offsets in the same vector, from `size` on
  std::int64_t whole_size() const {
    return statistics.empty() ? size : statistics.back().offset + statistics.back().size;
  }
};

ParameterLayout parameter_layout(const ModelSpec& model);

// The parameters of one layer, and its running statistics, with offsets from its own first.
std::vector<Segment> segments_of(const LayerSpec& layer);
std::vector<Segment> statistics_of(const LayerSpec& layer);
// Whether a layer, or one inside it, has any, be they those of another that it is tied to.
bool has_parameters(const LayerSpec& layer);
// Floats of segments.
std::int64_t size_of(std::span<const Segment> segments);

// Weights of a layer ~ N(0, 2 / fan_in) (He et al. 2015, arXiv 1502.01852) or as the layer says,
// biases 0, gains 1. Each segment draws from a stream of its own, named after it. `whole_size`
// floats.
AlignedVector initial_weights(const ParameterLayout& layout, std::uint64_t seed);

}  // namespace etalon

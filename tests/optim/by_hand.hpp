// An optimizer beside a plain loop in double.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "optim/optimizer.hpp"

namespace etalon::testing {

using Doubles = std::vector<double>;

inline void add_segment(ParameterLayout& layout, SegmentKind kind,
                        std::vector<std::int64_t> shape) {
  Segment segment;
  segment.kind = kind;
  segment.offset = layout.size;
  segment.size = 1;
  for (const std::int64_t extent : shape) segment.size *= extent;
  segment.shape = std::move(shape);
  segment.fan_in = 1;
  layout.segments.push_back(segment);
  layout.size += segment.size;
}

inline AlignedVector random_vector(std::int64_t size, const std::string& name, double deviation) {
  RandomStream stream(7, name);
  AlignedVector values(static_cast<std::size_t>(size));
  for (float& value : values) value = static_cast<float>(deviation * stream.normal());
  return values;
}

// Three steps along gradients of their own, ours beside `by_hand(t, gradient, weights)`.
template <typename ByHand>
void expect_three_equal_steps(const OptimizerOptions& options, const ParameterLayout& layout,
                              double lr, double tolerance, ByHand&& by_hand) {
  const auto optimizer = make_optimizer(options, layout);
  AlignedVector weights = random_vector(layout.size, "weights", 0.1);
  Doubles expected(weights.begin(), weights.end());
  for (int t = 1; t <= 3; ++t) {
    const AlignedVector gradient = random_vector(layout.size, std::to_string(t), 0.01);
    optimizer->step(static_cast<float>(lr), gradient, weights);
    by_hand(t, Doubles(gradient.begin(), gradient.end()), expected);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      ASSERT_NEAR(weights[i], expected[i], tolerance * (1.0 + std::abs(expected[i])))
          << "step " << t << ", parameter " << i;
    }
  }
}

}  // namespace etalon::testing

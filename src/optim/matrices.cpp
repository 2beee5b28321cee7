#include "optim/matrices.hpp"

#include <algorithm>

namespace etalon {
namespace {

bool holds_weights(const Segment& segment) { return segment.kind == SegmentKind::weights; }

// A table of rows, one for each token or position.
bool is_table(const Segment& segment) {
  return segment.name.starts_with("embedding") || segment.name.starts_with("positions");
}

bool is_gain(const Segment& segment) { return segment.kind == SegmentKind::gain; }

}  // namespace

std::optional<MatrixShape> matrix_of(const Segment& segment) {
  if (!holds_weights(segment) || segment.shape.size() < 2) return std::nullopt;
  const std::int64_t rows = segment.shape.front();
  return MatrixShape{rows, segment.size / rows};
}

bool is_hidden_matrix(const ParameterLayout& layout, const Segment& segment) {
  if (!matrix_of(segment) || is_table(segment)) return false;
  const auto& all = layout.segments;
  const auto first = std::find_if(all.begin(), all.end(), holds_weights);
  const auto last = std::find_if(all.rbegin(), all.rend(), holds_weights);
  const bool is_tied = std::any_of(all.rbegin(), last, is_gain);
  return segment.offset != first->offset && (is_tied || segment.offset != last->offset);
}

}  // namespace etalon

#include "optim/matrices.hpp"

#include <algorithm>

namespace etalon {
namespace {

bool holds_weights(const Segment& segment) { return segment.kind == SegmentKind::weights; }

// A table of rows, one for each token or position.
bool is_table(const Segment& segment) {
  return segment.name.starts_with("embedding") || segment.name.starts_with("positions");
}

// Whether the answers come from the table of tokens, so that the last weights are hidden ones.
bool is_tied(const ParameterLayout& layout, const Segment& last) {
  const auto table = std::ranges::find_if(layout.segments, is_table);
  return table != layout.segments.end() && table->shape.front() != last.shape.back();
}

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
  return segment.offset != first->offset &&
         (segment.offset != last->offset || is_tied(layout, *last));
}

}  // namespace etalon

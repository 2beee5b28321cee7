// Which tensors of a model are matrices to an optimizer, and which of those lie between others.
// Pure functions, and the one place where a new kind of layer says what its tensors are.
#pragma once

#include <cstdint>
#include <optional>

#include "model/parameters.hpp"

namespace etalon {

struct MatrixShape {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

// Dense weights as they lie, (IC, OC), and those of a convolution as (OC, IC·KH·KW); empty for
// biases and whatever else is one row of numbers.
std::optional<MatrixShape> matrix_of(const Segment& segment);

// Whether `segment`, of `layout`, is a matrix between hidden layers: neither the first weights nor
// the last, which are those of the input and the output layer, nor a table of tokens or positions.
// Where a norm follows the last weights, the answers come from the table of tokens, and the last
// weights are hidden ones too.
bool is_hidden_matrix(const ParameterLayout& layout, const Segment& segment);

}  // namespace etalon

// What one example of a data set is: the floats that a network takes of it, and what its loss is
// held against.
//
//   images    (C, H, W) pixels, one label
//   features  (1, 1, F) numbers, one label or `outputs` targets
//   text      T token ids, written as floats, in `width`; T labels, each the next token
//
// A value.
#pragma once

#include <cstdint>

namespace etalon {

struct ExampleShape {
  std::int64_t channels = 1, height = 1, width = 1;
  std::int64_t vocabulary = 0;  // token ids are below this; 0: the values are no tokens
  std::int64_t positions = 1;   // labels of one example
  std::int64_t classes = 0;     // labels are in [0, classes); 0 in regression
  std::int64_t outputs = 0;     // float targets of one example, in regression; else 0

  std::int64_t size() const { return channels * height * width; }
  bool is_text() const { return vocabulary > 0; }
  bool is_regression() const { return outputs > 0; }
  bool operator==(const ExampleShape&) const = default;
};

}  // namespace etalon

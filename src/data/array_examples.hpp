// Examples out of NumPy's arrays of features and of labels or targets.
//
// Features have N rows: (N), (N, F), or images (N, H, W), (N, C, H, W) or, where the last dimension
// is at most 4 and the second is not, (N, H, W, C). Bytes stay bytes, and are images even in rows
// of F; everything else becomes floats. Answers are one whole number a row, a label, or floats (N)
// or (N, K), targets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.hpp"
#include "data/npy_array.hpp"

namespace etalon {

// The examples; their labels are not in [0, classes) yet, but as they are written.
struct ArrayExamples {
  Examples examples;
  std::vector<std::int64_t> labels;
  std::vector<std::string> notes{};
};

// Throws InputError for shapes that do not fit together.
ArrayExamples array_examples(const NpyArray& features, const NpyArray& answers);

// Puts the labels of the sets, which share their classes, into their examples: as they are where
// all are from 0 to 9999, else numbered in order of their values. Does nothing in regression.
void number_classes(std::vector<ArrayExamples*> sets, const std::string& place);

}  // namespace etalon

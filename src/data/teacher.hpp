// teacher:F[,classes=10|,outputs=K][,examples=20000][,width=32][,noise=0.1][,seed=0]: a set that is
// drawn, not read, and whose difficulty is set by numbers.
//
// Features x are F independent standard normal numbers. The teacher is a random network of one
// hidden layer of `width` units, with
//
//   h = tanh(2 W1 x / sqrt(F)),   z = W2 h / sqrt(width),   all weights standard normal
//
// and the label is the greatest of its `classes` outputs z; with `noise` the share of labels that
// are drawn anew, each class alike. Wider teachers draw finer boundaries, which are harder to
// learn; no network gets below an error of noise · (1 - 1/classes). With `outputs` the set is one
// of regression, with z as its targets, of mean 0, and `noise` the standard deviation of what is
// added to each.
//
// Whatever is not drawn from one stream is not shifted by it: the teacher comes from
// RandomStream(seed, "teacher"), features from "teacher features" and noise from "teacher noise".
// So another noise is another noise on the same set. A quarter as many more examples test.
#pragma once

#include <memory>

#include "core/spec_text.hpp"
#include "data/dataset.hpp"

namespace etalon {

// Throws InputError for a setting that is out of range, and for a set of more than 2^31 numbers.
std::shared_ptr<const DataSplits> load_teacher(const SpecText& source, const SplitOptions& options);

}  // namespace etalon

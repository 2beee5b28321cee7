// npz:FILE[,test=SHARE] and npy:FEATURES,LABELS[,test=SHARE]: arrays that NumPy wrote.
//
// In an archive the features are the array x, X, features, data or images, and the labels or
// targets are y, Y, labels, label, targets or target, in this order; a part to test with is there
// where the names have _train and _test behind them (x_train, y_train, x_test, y_test), or train_
// and test_ before them. Else a share of the rows tests, a tenth unless given. What arrays may hold
// is in data/array_examples.hpp. FEATURES of 32-bit floats or of bytes are mapped, not loaded.
#pragma once

#include <memory>

#include "core/spec_text.hpp"
#include "data/dataset.hpp"

namespace etalon {

std::shared_ptr<const DataSplits> load_npz(const SpecText& source, const SplitOptions& options);
std::shared_ptr<const DataSplits> load_npy(const SpecText& source, const SplitOptions& options);

}  // namespace etalon

// cifar10:DIR: the binary version of CIFAR-10 (Krizhevsky 2009).
//
// data_batch_1.bin to data_batch_5.bin train, test_batch.bin tests. A file is a row of records of
// 3073 bytes: a label from 0 to 9, then 3 x 32 x 32 pixels, red, green, blue. Files may be gzipped
// (with .gz behind their names) and hold any number of records. DIR may also be what holds the
// directory cifar-10-batches-bin, as it comes out of the archive.
#pragma once

#include <memory>

#include "core/spec_text.hpp"
#include "data/dataset.hpp"

namespace etalon {

// Throws InputError that names file and byte where one is missing or malformed.
std::shared_ptr<const DataSplits> load_cifar10(const SpecText& source, const SplitOptions& options);

}  // namespace etalon

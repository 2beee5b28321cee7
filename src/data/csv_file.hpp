// csv:FILE[,label=COLUMN|,target=COLUMN][,test=SHARE|FILE][,header=yes|no][,drop=A+B]: numbers in
// columns.
//
// Every column but one is a feature, of numbers. The one is a label, whole numbers or names, or a
// target of numbers: see data/csv_columns.hpp. Classes are numbered in the order of whole numbers,
// or of names. Fields are separated by commas or, where the header has none, by tabs or semicolons,
// and may be quoted as RFC 4180 says, but hold no line's end. The file may be gzipped.
#pragma once

#include <memory>

#include "core/spec_text.hpp"
#include "data/dataset.hpp"

namespace etalon {

// A tenth of the rows test, drawn from `RandomStream(options.seed, "test")`; another share, or a
// file with the same columns, where `test` says it.
std::shared_ptr<const DataSplits> load_csv(const SpecText& source, const SplitOptions& options);

}  // namespace etalon

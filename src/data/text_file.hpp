// text:FILE[,context=64][,stride=CONTEXT]: a text, byte by byte.
//
// An example is a window of `context` bytes, its labels the next byte at each of its positions. The
// end of the file tests, what stands before it validates, and windows of both lie side by side; the
// rest trains, in windows that begin `stride` bytes apart. No byte of a held-out part is in a
// training window. The file is mapped, unless it is gzipped (dictzip's too): then it is unpacked.
#pragma once

#include <memory>

#include "core/spec_text.hpp"
#include "data/dataset.hpp"

namespace etalon {

// FILE may be one of the texts that Debian packages, by name: foldoc, of the package dict-foldoc.
// Without `options.validation_size` a tenth of the windows validates, at most 1000; as many test.
std::shared_ptr<const DataSplits> load_text(const SpecText& source, const SplitOptions& options);

}  // namespace etalon

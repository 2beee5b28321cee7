// Labelled images in memory, and the three parts that every trial shares.
//
// A `Dataset` is plain bytes, as the files hold them; `Normalization` says how a byte becomes a
// float, see data/gather.hpp. Once loaded, splits are immutable: `load_splits` returns them const,
// and any number of threads may read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace etalon {

struct Dataset {
  std::string name;
  int channels = 0, height = 0, width = 0;
  int classes = 0;                   // labels are below this
  std::vector<std::uint8_t> pixels;  // N, C, H, W
  std::vector<std::uint8_t> labels;  // N

  std::size_t size() const { return labels.size(); }
  std::size_t features() const {
    return static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) *
           static_cast<std::size_t>(width);
  }
};

// value = (pixel - mean) * scale, with pixels in 0 ... 255.
struct Normalization {
  float mean = 0.0f;
  float scale = 1.0f;
};

// The mean of all pixels, and one over their standard deviation (of the population). Computed from
// exact counts of each value, in double. Throws `InputError` if all pixels are equal.
Normalization measure_normalization(const Dataset& dataset);

struct DataSplits {
  std::string source;
  Dataset train, validation, test;  // equal shapes and classes
  Normalization normalization;      // of the pixels in `train`
};

struct SplitOptions {
  std::int64_t validation_size = 5000;  // examples taken out of the training set, >= 1
  std::uint64_t seed = 0;               // which ones
  void validate() const;
};

// Reads `source`:
//   fashion-mnist  from $ETALON_DATA/fashion-mnist, from $ETALON_DATA if the files lie right there,
//                  or else from where Debian's package dataset-fashion-mnist puts it
//   idx:DIR        any set in IDX files named as MNIST's are, see `read_idx_pair`
// The validation examples are the first of a random permutation of the training set, drawn from
// `RandomStream(seed, "split")`; the rest are `train`, in the order of that permutation.
// Throws `InputError` for a source that is unknown, missing or malformed.
std::shared_ptr<const DataSplits> load_splits(const std::string& source,
                                              const SplitOptions& options);

}  // namespace etalon

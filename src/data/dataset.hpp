// Examples of a source, and the three parts that every trial shares.
//
// `Examples` are what the files hold, image bytes as bytes, in memory or mapped; a `Dataset` is
// some of their rows in an order, and shares them with other parts. `Normalization` says how a
// value becomes what a network takes, see data/gather.hpp. Once loaded, splits are immutable:
// `load_splits` returns them const, and any number of threads may read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/example_shape.hpp"
#include "data/shared_array.hpp"

namespace etalon {

// Just one of `bytes` and `floats` is there. Row r of images or features are the shape().size()
// values from r * size on; of a text, those from r * stride on and one more.
struct Examples {
  ExampleShape shape;
  SharedArray<std::uint8_t> bytes{};   // pixels, or a text
  SharedArray<float> floats{};         // features, or images of floats
  std::vector<std::int32_t> labels{};  // one a row, in [0, classes); none of a text
  std::vector<float> targets{};        // shape.outputs a row
  std::int64_t stride = 0;             // of a text
};

struct Dataset {
  std::string name;
  std::shared_ptr<const Examples> examples;
  std::vector<std::uint32_t> rows{};  // example i is this row of `examples`
  std::uint32_t windows = 0;          // of a text: the first so many, in their order, and no list

  std::size_t size() const { return windows > 0 ? windows : rows.size(); }
  const ExampleShape& shape() const { return examples->shape; }
  // Values of one example.
  std::size_t features() const { return static_cast<std::size_t>(shape().size()); }
  std::int32_t label(std::size_t i) const { return examples->labels[rows[i]]; }
};

// All rows of `examples`, in their order.
Dataset whole(std::string name, Examples examples);

// value = (raw - mean) * scale. The values of an example are cut into mean.size() parts of equal
// length, each with its own: the channels of an image, or single features. So are targets.
struct Normalization {
  std::vector<float> mean = {0.0f}, scale = {1.0f};
  std::vector<float> target_mean = {}, target_scale = {};  // of each output
};

// The means, and one over the standard deviations (of the population), of each channel of images or
// each feature, and of each target; in double, of bytes from exact counts of each value. What is
// the same in all examples has a scale of 1; a text has nothing to normalize. Throws `InputError`
// if all values of all examples are the same.
Normalization measure_normalization(const Dataset& dataset);

struct DataSplits {
  std::string source;
  Dataset train, validation, test;   // equal shapes
  Normalization normalization;       // of `train`
  std::vector<std::string> notes{};  // what the loader chose by itself, in sentences
};

struct SplitOptions {
  // Examples taken out of the training set, >= 1. Unless given, 5000, or a fifth of the set where
  // that is less.
  std::optional<std::int64_t> validation_size{};
  std::uint64_t seed = 0;  // which ones
  void validate() const;
};

// Reads `source`:
//   fashion-mnist  from $ETALON_DATA/fashion-mnist, from $ETALON_DATA if the files lie right there,
//                  or else from where Debian's package dataset-fashion-mnist puts it
//   idx:DIR        any set in IDX files named as MNIST's are, see `read_idx_pair`
//   cifar10:DIR    the binary version of CIFAR-10, see data/cifar10.hpp
//   csv:FILE       numbers in columns, see data/csv_file.hpp
//   npz:FILE, npy:FEATURES,LABELS  arrays of NumPy, see data/array_files.hpp
//   text:FILE      a text, byte by byte, see data/text_file.hpp
//   teacher:F      F random features, labelled by a random network, see data/teacher.hpp
// But for a text, the validation examples are the first of a random permutation of the training
// set, drawn from `RandomStream(seed, "split")`; the rest are `train`, in the order of that
// permutation. Throws `InputError` for a source that is unknown, missing or malformed.
std::shared_ptr<const DataSplits> load_splits(const std::string& source,
                                              const SplitOptions& options);

// How sources are written: "idx:DIR", ...
std::vector<std::string> data_source_forms();

}  // namespace etalon

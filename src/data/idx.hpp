// The IDX files that MNIST introduced: arrays of bytes with a big-endian header.
//
//   offset 0   0, 0, type (8: unsigned byte), number of dimensions d
//   offset 4   d sizes, 4 bytes each, most significant first
//   then       the values, last dimension fastest
//
// Files may be gzipped (as a whole, any number of members; bytes after the last member are ignored,
// as gzip does). Whatever is wrong with a file is an `InputError` that names the file and the
// offset of the byte, in the uncompressed data, where it went wrong; that includes a compressed
// file whose end is missing. Memory is taken as bytes arrive, never on the word of a header, and
// none of it where the headers of images and labels contradict each other. Images of a plain file
// are mapped, see data/mapped_file.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.hpp"

namespace etalon {

struct IdxArray {
  std::vector<std::uint32_t> shape;  // every size >= 1
  std::vector<std::uint8_t> values;  // as many as the product of the shape
};

// Reads an array of unsigned bytes with at least `min_dimensions` and at most `max_dimensions`.
IdxArray read_idx(const std::filesystem::path& path, int min_dimensions, int max_dimensions);

// Reads images of shape N, H, W, or N, C, H, W, or N, features (taken as rows of width `features`),
// with their labels of shape N. Classes are the greatest label + 1.
Examples read_idx_examples(const std::filesystem::path& images,
                           const std::filesystem::path& labels);

// Reads `PREFIX-images-idx3-ubyte` and `PREFIX-labels-idx1-ubyte` of a directory, PREFIX being
// `train` or `t10k`. A name may also end in `.gz`, have a dot for its second dash
// (`train-images.idx3-ubyte`), and say idx2 or idx4 for images of another shape.
Examples read_idx_pair(const std::filesystem::path& directory, const std::string& prefix);

// Whether the directory holds the images of that prefix under any of these names.
bool has_idx_pair(const std::filesystem::path& directory, const std::string& prefix);

}  // namespace etalon

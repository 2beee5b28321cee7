// Arrays as NumPy writes them (.npy, format versions 1 to 3).
//
//   offset 0   "\x93NUMPY", version: 2 bytes
//   offset 8   length of the header: 2 bytes, from version 2 on 4, least significant first
//   then       {'descr': '<f4', 'fortran_order': False, 'shape': (60000, 784), }
//   then       the values, last dimension fastest
//
// Whatever is wrong is an `InputError` that names the array and the byte. The values stay where
// they are, mapped or in memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/shared_array.hpp"

namespace etalon {

struct NpyType {
  char kind = 'f';          // f: float, i: signed, u: unsigned, b: bool
  std::size_t size = 4;     // bytes
  bool is_swapped = false;  // most significant byte first
  std::string text{};       // as the header has it
  bool is_float() const { return kind == 'f'; }
  bool is_byte() const { return kind == 'u' && size == 1; }
};

struct NpyArray {
  std::string place;  // for errors
  NpyType type;
  std::vector<std::int64_t> shape;
  SharedArray<std::uint8_t> values;  // product of the shape times type.size bytes

  std::int64_t size() const;  // product of the shape
};

// `bytes` is the whole file. Takes floats of 4 and 8 bytes, whole numbers of 1 to 8 and bools.
NpyArray read_npy(const SharedArray<std::uint8_t>& bytes, const std::string& place);

// The values as floats: the very same memory where they are. Throws InputError for one that no
// float holds, naming its row.
SharedArray<float> npy_floats(const NpyArray& array);

// The values as whole numbers. Not of floats.
std::vector<std::int64_t> npy_whole_numbers(const NpyArray& array);

}  // namespace etalon

// The header of a .npy file: a dict as Python writes it, of three keys.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

struct NpyHeader {
  std::string type;
  bool is_fortran = false;
  std::vector<std::int64_t> shape;
};

// `place` names the array, `offset` is where the text begins in it. Throws InputError for text that
// is no such dict, naming the byte.
NpyHeader parse_npy_header(std::string_view text, const std::string& place, std::uint64_t offset);

}  // namespace etalon

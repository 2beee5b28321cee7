// The records of a .wandb file, which W&B writes for every run, online or not.
//
// The file is a log of LevelDB's form (doc/log_format.md there): blocks of 32 KiB, in which a piece
// of a record is a CRC-32 of type and bytes (uint32), a length (uint16), a type (FULL 1, FIRST 2,
// MIDDLE 3, LAST 4) and the bytes; fewer than seven bytes at a block's end are none. Little-endian.
// Other than there, the CRC is zlib's, and the first block begins with seven bytes of its own:
// ":W&B", 0xBEE1 (uint16), and a version, 0.
//
// A file may end anywhere in a record: its writer is not done, or was killed. A checksum that does
// not fit is damage, and nothing behind it is read.
#pragma once

#include <cstddef>
#include <functional>
#include <istream>
#include <string>
#include <string_view>

namespace etalon {

inline constexpr std::string_view kWandbMark{":W&B\xE1\xBE", 6};  // a version follows

class WandbRecords {
 public:
  static constexpr std::size_t kBlock = 32'768;      // bytes
  static constexpr std::size_t kLongest = 16 << 20;  // a longer record is passed over
  using Hear = std::function<void(std::string_view message)>;

  explicit WandbRecords(Hear hear) : hear_(std::move(hear)) {}
  void read(std::istream& file);
  // Says where; empty: there is none.
  const std::string& damage() const { return damage_; }

 private:
  void take_block(std::string_view block, std::size_t header);
  std::size_t take_piece(std::string_view rest);
  void add_piece(char type, std::string_view bytes);

  const Hear hear_;
  std::size_t passed_ = 0;  // bytes of the file in front of the block
  bool is_whole_block_ = false;
  std::string record_;      // its pieces so far
  bool is_within_ = false;  // a record that has begun and is not too long
  std::string damage_;
};

}  // namespace etalon

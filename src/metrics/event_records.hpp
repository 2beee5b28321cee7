// The records of a TensorBoard event file: length (uint64), masked CRC-32C of the length, the bytes
// of one tensorflow.Event message, masked CRC-32C of these bytes; little-endian.
//
// Bytes come in pieces of any size. A file may end anywhere in a record: its writer is not done, or
// was killed. A checksum that does not fit is damage, and nothing behind it is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace etalon {

class EventRecords {
 public:
  // A longer record (an image, a graph) is passed over, unread.
  static constexpr std::uint64_t kLongest = 16 << 20;  // bytes
  using Hear = std::function<void(std::string_view message)>;

  explicit EventRecords(Hear hear) : hear_(std::move(hear)) {}
  void take(std::string_view bytes);
  // Says where; empty: there is none.
  const std::string& damage() const { return damage_; }

 private:
  std::size_t take_record(std::string_view rest);
  std::size_t note_damage();

  const Hear hear_;
  std::string bytes_;          // from the beginning of a record
  std::uint64_t passed_ = 0;   // bytes of the file in front of those
  std::uint64_t to_skip_ = 0;  // of a record that is passed over
  std::string damage_;
};

}  // namespace etalon

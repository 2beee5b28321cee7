// Rows of a TensorBoard event file: one for each event that has scalars, `step` first.
//
// The file is a sequence of records: length (uint64), masked CRC-32C of the length, the bytes of
// one tensorflow.Event message, masked CRC-32C of these bytes; little-endian. Scalars are
// `simple_value`s, or tensors of one number (of plugin "scalars", where one is named), as newer
// writers have them. A file may end anywhere in a record: its writer is not done, or was killed. A
// checksum that does not fit is damage, and nothing behind it is read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "program/row_reader.hpp"

namespace etalon {

// The scalars of a serialized tensorflow.Event, `step` first; empty where it has none. What is
// malformed is left out.
std::vector<NamedValue> scalars_of_event(std::string_view message);

class EventRows final : public RowReader {
 public:
  // A longer record (an image, a graph) is passed over, unread.
  static constexpr std::uint64_t kLongest = 16 << 20;  // bytes

  explicit EventRows(HearRow hear) : hear_(std::move(hear)) {}
  void take(std::string_view bytes) override;
  void finish() override {}
  std::string damage() const override { return damage_; }

 private:
  std::size_t take_record(std::string_view rest);
  std::size_t note_damage();

  const HearRow hear_;
  std::string bytes_;          // from the beginning of a record
  std::uint64_t passed_ = 0;   // bytes of the file in front of those
  std::uint64_t to_skip_ = 0;  // of a record that is passed over
  std::string damage_;
};

}  // namespace etalon

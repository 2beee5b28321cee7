// Scalars for TensorBoard: an event file, appended to as a training goes.
//
// The file is a sequence of records: length (uint64), masked CRC-32C of the length, the bytes of
// one tensorflow.Event message, masked CRC-32C of these bytes; little-endian. The mask of c is
// ((c >> 15) | (c << 17)) + 0xa282ead8. The first event is the file version "brain.Event:2". Every
// `add` is one record, written whole and flushed. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace etalon {

struct Scalar {
  std::string_view tag;  // "loss/train"
  double value = 0.0;    // kept as a float
};

// The bytes of one event with these scalars, and of the first event, framed as records.
std::string scalar_record(double wall_time, std::int64_t step, std::span<const Scalar> scalars);
std::string version_record(double wall_time);

class EventFile {
 public:
  // Makes a new file in `directory`, which it creates if need be. Throws InputError where it cannot
  // be made, RunError where it cannot be written.
  explicit EventFile(const std::filesystem::path& directory);
  void add(std::int64_t step, std::span<const Scalar> scalars);
  const std::filesystem::path& path() const { return path_; }

 private:
  void write(const std::string& record);

  std::filesystem::path path_;
  std::ofstream file_;
};

}  // namespace etalon

// Messages of protocol buffers, written field by field.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

namespace etalon::testing {

class ProtobufWriter {
 public:
  ProtobufWriter() = default;
  explicit ProtobufWriter(std::string bytes) : bytes_(std::move(bytes)) {}

  ProtobufWriter& number(std::uint64_t field, std::uint64_t value) {
    varint(field << 3);
    varint(value);
    return *this;
  }
  ProtobufWriter& bytes(std::uint64_t field, const std::string& value) {
    varint(field << 3 | 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  ProtobufWriter& message(std::uint64_t field, const ProtobufWriter& value) {
    return bytes(field, value.bytes_);
  }
  ProtobufWriter& fixed32(std::uint64_t field, float value) { return fixed(field, 5, value); }
  ProtobufWriter& fixed64(std::uint64_t field, double value) { return fixed(field, 1, value); }

  const std::string& text() const { return bytes_; }

 private:
  template <typename T>
  ProtobufWriter& fixed(std::uint64_t field, std::uint64_t wire, T value) {
    varint(field << 3 | wire);
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes_.append(raw, sizeof value);
    return *this;
  }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7F) | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

}  // namespace etalon::testing

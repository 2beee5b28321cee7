// The fields of a message of protocol buffers, whose description is not needed: numbers and bytes.
// Memory is that of the message; nothing is copied. Pure; never throws.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace etalon {

// The little-endian number at the beginning of `bytes`, which must be long enough.
template <typename T>
T number_from(std::string_view bytes) {
  static_assert(std::endian::native == std::endian::little);
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

enum class Wire : unsigned char { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct ProtobufField {
  std::uint64_t number = 0;
  Wire wire = Wire::varint;
  std::uint64_t value = 0;  // of a varint
  std::string_view bytes;   // of any other

  bool is(std::uint64_t wanted, Wire of_wire) const { return number == wanted && wire == of_wire; }
  bool is_message(std::uint64_t wanted) const { return is(wanted, Wire::bytes); }
  double as_float() const { return number_from<float>(bytes); }
  double as_double() const { return number_from<double>(bytes); }
};

// The fields of a message in turn; ends at its end, or where it is malformed.
class ProtobufFields {
 public:
  explicit ProtobufFields(std::string_view message) : rest_(message) {}
  std::optional<ProtobufField> next();

 private:
  bool read_value(ProtobufField& field);
  std::optional<std::uint64_t> varint();
  bool take(std::uint64_t length, std::string_view& bytes);

  std::string_view rest_;
};

}  // namespace etalon

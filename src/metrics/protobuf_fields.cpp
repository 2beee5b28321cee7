#include "metrics/protobuf_fields.hpp"

namespace etalon {

std::optional<ProtobufField> ProtobufFields::next() {
  const auto key = varint();
  if (!key) return std::nullopt;
  ProtobufField field;
  field.number = *key >> 3;
  field.wire = static_cast<Wire>(*key & 7);
  return read_value(field) ? std::optional(field) : std::nullopt;
}

bool ProtobufFields::read_value(ProtobufField& field) {
  switch (field.wire) {
    case Wire::varint: {
      const auto value = varint();
      field.value = value.value_or(0);
      return value.has_value();
    }
    case Wire::fixed64:
      return take(8, field.bytes);
    case Wire::fixed32:
      return take(4, field.bytes);
    case Wire::bytes: {
      const auto length = varint();
      return length && take(*length, field.bytes);
    }
  }
  return false;
}

std::optional<std::uint64_t> ProtobufFields::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

bool ProtobufFields::take(std::uint64_t length, std::string_view& bytes) {
  if (length > rest_.size()) return false;
  bytes = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return true;
}

}  // namespace etalon

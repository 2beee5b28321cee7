#include "program/event_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "core/crc32c.hpp"

namespace etalon {
namespace {

template <typename T>
T number_from(std::string_view bytes) {
  static_assert(std::endian::native == std::endian::little);
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// A field of a message of protocol buffers.
struct Field {
  enum class Wire : unsigned char { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };
  std::uint64_t number = 0;
  Wire wire = Wire::varint;
  std::uint64_t value = 0;  // of a varint
  std::string_view bytes;   // of any other

  bool is(std::uint64_t wanted, Wire of_wire) const { return number == wanted && wire == of_wire; }
  double as_float() const { return number_from<float>(bytes); }
  double as_double() const { return number_from<double>(bytes); }
};
using Wire = Field::Wire;

// The fields of a message in turn; ends at its end, or where it is malformed.
class Fields {
 public:
  explicit Fields(std::string_view message) : rest_(message) {}

  std::optional<Field> next() {
    const auto key = varint();
    if (!key) return std::nullopt;
    Field field;
    field.number = *key >> 3;
    field.wire = static_cast<Wire>(*key & 7);
    return read_value(field) ? std::optional(field) : std::nullopt;
  }

 private:
  bool read_value(Field& field) {
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

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    return std::nullopt;
  }

  bool take(std::uint64_t length, std::string_view& bytes) {
    if (length > rest_.size()) return false;
    bytes = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
  }

  std::string_view rest_;
};

// TensorShapeProto: dim = 2; its Dim: size = 1.
bool is_one_number(std::string_view shape) {
  Fields dimensions(shape);
  while (const auto dimension = dimensions.next()) {
    if (!dimension->is(2, Wire::bytes)) continue;
    Fields parts(dimension->bytes);
    while (const auto part = parts.next()) {
      if (part->is(1, Wire::varint) && part->value != 1) return false;
    }
  }
  return true;
}

enum class NumberType : std::uint64_t { float32 = 1, float64 = 2, int32 = 3, int64 = 9 };

std::optional<double> number_of_content(NumberType type, std::string_view content) {
  if (type == NumberType::float32 && content.size() == 4) return number_from<float>(content);
  if (type == NumberType::float64 && content.size() == 8) return number_from<double>(content);
  if (type == NumberType::int32 && content.size() == 4) return number_from<std::int32_t>(content);
  if (type == NumberType::int64 && content.size() == 8) {
    return static_cast<double>(number_from<std::int64_t>(content));
  }
  return std::nullopt;
}

// TensorProto: dtype = 1, tensor_shape = 2, tensor_content = 4, float_val = 5, double_val = 6.
std::optional<double> number_of_tensor(std::string_view tensor) {
  auto type = static_cast<NumberType>(0);
  std::optional<double> number;
  Fields fields(tensor);
  while (const auto field = fields.next()) {
    if (field->is(1, Wire::varint)) type = static_cast<NumberType>(field->value);
    if (field->is(2, Wire::bytes) && !is_one_number(field->bytes)) return std::nullopt;
    if (field->is(4, Wire::bytes)) number = number_of_content(type, field->bytes);
    if (field->is(5, Wire::fixed32)) number = field->as_float();
    if (field->is(6, Wire::fixed64)) number = field->as_double();
    const bool packed = field->wire == Wire::bytes;
    if (field->number == 5 && packed) number = number_of_content(NumberType::float32, field->bytes);
    if (field->number == 6 && packed) number = number_of_content(NumberType::float64, field->bytes);
  }
  return number;
}

// SummaryMetadata: plugin_data = 1; its PluginData: plugin_name = 1. Empty: none is named.
std::string_view plugin_of(std::string_view metadata) {
  Fields fields(metadata);
  while (const auto field = fields.next()) {
    if (!field->is(1, Wire::bytes)) continue;
    Fields parts(field->bytes);
    while (const auto part = parts.next()) {
      if (part->is(1, Wire::bytes)) return part->bytes;
    }
  }
  return {};
}

// Summary.Value: tag = 1, simple_value = 2, tensor = 8, metadata = 9.
std::optional<NamedValue> scalar_of(std::string_view value) {
  std::string_view tag, plugin;
  std::optional<double> number;
  Fields fields(value);
  while (const auto field = fields.next()) {
    if (field->is(1, Wire::bytes)) tag = field->bytes;
    if (field->is(2, Wire::fixed32)) number = field->as_float();
    if (field->is(8, Wire::bytes)) number = number_of_tensor(field->bytes);
    if (field->is(9, Wire::bytes)) plugin = plugin_of(field->bytes);
  }
  if (tag.empty() || !number || (!plugin.empty() && plugin != "scalars")) return std::nullopt;
  return NamedValue{std::string(tag), *number};
}

}  // namespace

// Event: step = 2, summary = 5; Summary: value = 1.
std::vector<NamedValue> scalars_of_event(std::string_view message) {
  std::vector<NamedValue> scalars = {{"step", 0.0}};
  Fields fields(message);
  while (const auto field = fields.next()) {
    if (field->is(2, Wire::varint)) {
      scalars.front().value = static_cast<double>(static_cast<std::int64_t>(field->value));
    }
    if (!field->is(5, Wire::bytes)) continue;
    Fields values(field->bytes);
    while (const auto value = values.next()) {
      const auto scalar = value->is(1, Wire::bytes) ? scalar_of(value->bytes) : std::nullopt;
      if (scalar) scalars.push_back(*scalar);
    }
  }
  if (scalars.size() == 1) scalars.clear();
  return scalars;
}

void EventRows::take(std::string_view bytes) {
  const auto skipped = std::min<std::uint64_t>(to_skip_, bytes.size());
  to_skip_ -= skipped;
  passed_ += skipped;
  if (damage_.empty()) bytes_ += bytes.substr(static_cast<std::size_t>(skipped));
  std::size_t taken = 0;
  while (const std::size_t record = take_record(std::string_view(bytes_).substr(taken))) {
    taken += record;
    passed_ += record;
  }
  bytes_.erase(0, damage_.empty() ? taken : bytes_.size());
}

// How many bytes of `rest` are dealt with; 0 where it has no whole record.
std::size_t EventRows::take_record(std::string_view rest) {
  constexpr std::size_t kHeader = 12, kChecksum = 4;
  if (!damage_.empty() || rest.size() < kHeader) return 0;
  const auto length = number_from<std::uint64_t>(rest);
  const auto of_length = number_from<std::uint32_t>(rest.substr(8));
  if (of_length != masked_crc32c(rest.substr(0, 8))) return note_damage();
  const std::uint64_t whole = kHeader + std::min(length, std::uint64_t{1} << 62) + kChecksum;
  if (length > kLongest) {
    const auto here = std::min<std::uint64_t>(whole, rest.size());
    to_skip_ = whole - here;
    return static_cast<std::size_t>(here);
  }
  if (rest.size() < whole) return 0;
  const std::string_view message = rest.substr(kHeader, static_cast<std::size_t>(length));
  const auto checksum = number_from<std::uint32_t>(rest.substr(kHeader + message.size()));
  if (checksum != masked_crc32c(message)) return note_damage();
  const std::vector<NamedValue> row = scalars_of_event(message);
  if (!row.empty()) hear_(row);
  return static_cast<std::size_t>(whole);
}

std::size_t EventRows::note_damage() {
  damage_ = fmt::format("its checksum does not fit at byte {}", passed_);
  return 0;
}

}  // namespace etalon

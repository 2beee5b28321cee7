#include "metrics/event_scalars.hpp"

#include <optional>
#include <string>

#include "metrics/protobuf_fields.hpp"

namespace etalon {
namespace {

// TensorShapeProto: dim = 2; its Dim: size = 1.
bool is_one_number(std::string_view shape) {
  ProtobufFields dimensions(shape);
  while (const auto dimension = dimensions.next()) {
    if (!dimension->is(2, Wire::bytes)) continue;
    ProtobufFields parts(dimension->bytes);
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
  ProtobufFields fields(tensor);
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

// Summary.Value: tag = 1, simple_value = 2, tensor = 8, metadata = 9.
std::optional<NamedValue> scalar_of(std::string_view value) {
  std::string_view tag, plugin;
  std::optional<double> number;
  ProtobufFields fields(value);
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

// SummaryMetadata: plugin_data = 1; its PluginData: plugin_name = 1. Empty: none is named.
std::string_view plugin_of(std::string_view metadata) {
  ProtobufFields fields(metadata);
  while (const auto field = fields.next()) {
    if (!field->is(1, Wire::bytes)) continue;
    ProtobufFields parts(field->bytes);
    while (const auto part = parts.next()) {
      if (part->is(1, Wire::bytes)) return part->bytes;
    }
  }
  return {};
}

// Event: step = 2, summary = 5; Summary: value = 1.
std::vector<NamedValue> scalars_of_event(std::string_view message) {
  std::vector<NamedValue> scalars = {{"step", 0.0}};
  ProtobufFields fields(message);
  while (const auto field = fields.next()) {
    if (field->is(2, Wire::varint)) {
      scalars.front().value = static_cast<double>(static_cast<std::int64_t>(field->value));
    }
    if (!field->is(5, Wire::bytes)) continue;
    ProtobufFields values(field->bytes);
    while (const auto value = values.next()) {
      const auto scalar = value->is(1, Wire::bytes) ? scalar_of(value->bytes) : std::nullopt;
      if (scalar) scalars.push_back(*scalar);
    }
  }
  if (scalars.size() == 1) scalars.clear();
  return scalars;
}

}  // namespace etalon

// Schedules as JSON values, for documents that contain one.
#pragma once

#include <span>

#include "etalon/schedule.hpp"
#include "schedule/json_fields.hpp"
#include "schedule/shape_fields.hpp"

namespace etalon {

Json schedule_to_json_value(const Schedule& schedule);
Schedule schedule_from_json_value(const Json& json);

// The default-constructed alternative of this index.
template <typename Variant, std::size_t I = 0>
Variant alternative(std::size_t index) {
  if constexpr (I + 1 < std::variant_size_v<Variant>) {
    if (index != I) return alternative<Variant, I + 1>(index);
  }
  return Variant(std::in_place_index<I>);
}

// A variant whose alternatives have these kinds, with the fields that `describe` lists.
template <typename Variant>
void write_kind(Json& json, const Variant& value, std::span<const std::string_view> kinds) {
  json["kind"] = kinds[value.index()];
  JsonWriter writer;
  Variant copy = value;
  std::visit([&writer](auto& each) { describe(writer, each); }, copy);
  json.update(writer.take());
}

template <typename Variant>
Variant read_kind(JsonReader& reader, const char* what, std::span<const std::string_view> kinds) {
  std::string kind;
  reader("kind", kind);
  const auto found = std::find(kinds.begin(), kinds.end(), kind);
  if (found == kinds.end()) {
    throw InputError(fmt::format("there is no {} '{}'", what, kind), "in the JSON of a schedule",
                     fmt::format("use one of {}", fmt::join(kinds, ", ")));
  }
  Variant value = alternative<Variant>(static_cast<std::size_t>(found - kinds.begin()));
  std::visit([&reader](auto& each) { describe(reader, each); }, value);
  return value;
}

}  // namespace etalon

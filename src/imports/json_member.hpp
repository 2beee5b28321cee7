// Members of JSON that may be of any shape.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace etalon {

// Null where `value` is no object, or has no such member.
inline const nlohmann::json& json_member(const nlohmann::json& value, std::string_view name) {
  static const nlohmann::json none;
  if (!value.is_object()) return none;
  const auto found = value.find(name);
  return found == value.end() ? none : *found;
}

}  // namespace etalon

// Reads and writes structs as JSON objects through one list of fields per struct, and refuses keys
// that are not in the list. The names of fields are those in etalon/schedule.hpp.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etalon/error.hpp"
#include "schedule/enum_names.hpp"

namespace etalon {

using Json = nlohmann::ordered_json;

template <typename T>
T enum_from_name(std::string_view field, const std::string& name) {
  if (const std::optional<T> value = enum_of_name<T>(name)) return *value;
  std::string known;
  for (const EnumName<T>& entry : enum_names(T{})) {
    known += fmt::format("{}{}", known.empty() ? "" : ", ", entry.name);
  }
  throw InputError(fmt::format("{} cannot be '{}'", field, name), "in the JSON of a schedule",
                   fmt::format("use one of {}", known));
}

class JsonWriter {
 public:
  template <typename T>
  void operator()(const char* name, const T& value) {
    if constexpr (std::is_enum_v<T>) {
      json_[name] = enum_to_name(value);
    } else {
      json_[name] = value;
    }
  }
  template <typename T>
  void operator()(const char* name, const std::optional<T>& value) {
    if (value) (*this)(name, *value);
  }
  // As `describe` calls it.
  template <typename T, typename Role>
  void operator()(const char* name, const T& value, const Role&) {
    (*this)(name, value);
  }
  Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

// A field that is missing keeps its value.
class JsonReader {
 public:
  JsonReader(const Json& json, std::string_view what) : json_(json), what_(what) {
    if (!json.is_object()) fail("is no object");
  }

  template <typename T>
  void operator()(const char* name, T& value) {
    seen_.insert(name);
    if (!json_.contains(name)) return;
    try {
      if constexpr (std::is_enum_v<T>) {
        value = enum_from_name<T>(name, json_.at(name).get<std::string>());
      } else {
        value = json_.at(name).get<T>();
      }
    } catch (const nlohmann::json::exception&) {
      fail(fmt::format("has the wrong type at '{}'", name));
    }
  }
  template <typename T>
  void operator()(const char* name, std::optional<T>& value) {
    seen_.insert(name);
    if (!json_.contains(name)) return;
    value.emplace();
    (*this)(name, *value);
  }

  // As `describe` calls it.
  template <typename T, typename Role>
  void operator()(const char* name, T& value, const Role&) {
    (*this)(name, value);
  }

  // Marks a key that the caller reads itself, and gives it; null where it is missing.
  const Json* child(const char* name) {
    seen_.insert(name);
    const auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
  }

  void refuse_unknown() const {
    for (const auto& item : json_.items()) {
      if (!seen_.contains(item.key())) fail(fmt::format("has an unknown key '{}'", item.key()));
    }
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw InputError(fmt::format("{} {}", what_, why), "in the JSON of a schedule",
                     "see docs/schedules.md for its keys");
  }

 private:
  const Json& json_;
  std::string what_;
  std::set<std::string, std::less<>> seen_;
};

inline Json parse_json(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    throw InputError(fmt::format("this is not JSON: {}", error.what()), "in a schedule",
                     "see docs/schedules.md for its form");
  }
}

}  // namespace etalon

#include "runs/value_columns.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "metrics/column_names.hpp"
#include "runs/metric.hpp"

namespace etalon {
namespace {

constexpr std::string_view kJoints = "./", kValue = "value", kDescription = "desc";

// "config.lr/value/x" in its parts: "config.", "lr", "value", "/x".
struct PackedName {
  std::string outer;
  std::string_view name, form, rest;
};

// Of each object that the name lies in, two levels deep.
std::vector<PackedName> packings_of(const std::string& whole) {
  std::vector<PackedName> packings;
  const std::string_view text = whole;
  for (std::size_t at = text.find_first_of(kJoints); at != std::string_view::npos;
       at = text.find_first_of(kJoints, at + 1)) {
    const std::size_t form = text.find_first_of(kJoints, at + 1);
    if (form == std::string_view::npos) break;
    const std::size_t end = std::min(text.find_first_of(kJoints, form + 1), text.size());
    packings.push_back({whole.substr(0, at + 1), text.substr(at + 1, form - at - 1),
                        text.substr(form + 1, end - form - 1), text.substr(end)});
  }
  return packings;
}

// The objects all of whose objects have the form.
std::set<std::string> packed_objects(const std::vector<std::string>& names) {
  std::set<std::string> packed, others;
  for (const std::string& name : names) {
    for (const PackedName& each : packings_of(name)) {
      if (each.form == kValue) packed.insert(each.outer);
      if (each.form != kValue && each.form != kDescription) others.insert(each.outer);
    }
  }
  for (const std::string& other : others) packed.erase(other);
  return packed;
}

bool means_something(const std::string& name) {
  return sense_of(name).has_value() || metric_sense_of(name).has_value() || is_setting_name(name);
}

std::optional<std::string> unpacked(const std::string& name, const std::set<std::string>& packed) {
  for (const PackedName& each : packings_of(name)) {
    if (each.form != kValue || !packed.contains(each.outer)) continue;
    std::string without = each.outer;
    return without.append(each.name).append(each.rest);
  }
  return std::nullopt;
}

}  // namespace

std::string_view without_last_value(std::string_view name) {
  const bool is_packed = name.ends_with(".value") || name.ends_with("/value");
  return is_packed ? name.substr(0, name.size() - kValue.size() - 1) : name;
}

std::map<std::string, std::string> names_without_value(const std::vector<std::string>& names) {
  const std::set<std::string> packed = packed_objects(names);
  if (packed.empty()) return {};
  std::map<std::string, std::string> renamed;
  std::set<std::string> taken(names.begin(), names.end());
  bool is_told = false;
  for (const std::string& name : names) {
    const auto without = unpacked(name, packed);
    if (!without || !taken.insert(*without).second) continue;
    is_told = is_told || means_something(*without);
    renamed.emplace(name, *without);
  }
  return is_told ? renamed : std::map<std::string, std::string>();
}

}  // namespace etalon

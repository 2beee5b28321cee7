#include "model/layer_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/choice.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"
#include "toml/toml_file.hpp"

namespace etalon {
namespace {

std::string text_of_range(const WholeRange& range) {
  return fmt::format("it must be a whole number from {} to {}", range.least, range.most);
}

}  // namespace

std::string LayerTable::place() const { return place_in(*path_, *table_); }

std::optional<std::string> LayerTable::word(const char* key) const {
  const toml::node* node = table_->get(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* text = node->as_string()) return text->get();
  refuse(key, fmt::format("'{}' is no text", key), fmt::format("write it as {} = \"...\"", key));
}

std::optional<std::int64_t> LayerTable::whole(const char* key, const WholeRange& range) const {
  const toml::node* node = table_->get(key);
  if (node == nullptr) return std::nullopt;
  const auto* number = node->as_integer();
  if (number == nullptr)
    refuse(key, fmt::format("'{}' is no whole number", key), text_of_range(range));
  if (number->get() >= range.least && number->get() <= range.most) return number->get();
  refuse(key, fmt::format("'{}' is {}", key, number->get()), text_of_range(range));
}

std::int64_t LayerTable::needed_whole(const char* key, const WholeRange& range) const {
  if (const auto number = whole(key, range)) return *number;
  refuse(fmt::format("the layer has no '{}'", key), text_of_range(range));
}

std::optional<double> LayerTable::number(const char* key, const Interval& interval) const {
  const toml::node* node = table_->get(key);
  if (node == nullptr) return std::nullopt;
  const auto number = node->value<double>();
  if (!node->is_number() || !number || !interval.contains(*number)) {
    refuse(key, fmt::format("'{}' is no number {}", key, interval.text()),
           "write one without quotes");
  }
  return number;
}

bool LayerTable::flag(const char* key, bool otherwise) const {
  const toml::node* node = table_->get(key);
  if (node == nullptr) return otherwise;
  if (const auto* flag = node->as_boolean()) return flag->get();
  refuse(key, fmt::format("'{}' is neither true nor false", key), "write it without quotes");
}

Activation LayerTable::activation() const {
  static const std::vector<std::string> kNames = {"none", "relu", "gelu", "tanh"};
  const std::string name = word("activation").value_or("none");
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found != kNames.end()) return static_cast<Activation>(found - kNames.begin());
  refuse("activation", fmt::format("there is no activation '{}'", shortened(name)),
         choose_instead(name, kNames));
}

std::vector<LayerTable> LayerTable::layers(const char* key) const {
  const toml::node* node = table_->get(key);
  if (node == nullptr) return {};
  const toml::array* array = node->as_array();
  const bool is_list = array != nullptr && !array->empty() && array->is_homogeneous<toml::table>();
  if (!is_list) {
    refuse(key, fmt::format("'{}' is no list of layers", key),
           fmt::format("write {} = [{{kind = \"...\"}}, {{kind = \"...\"}}]", key));
  }
  std::vector<LayerTable> tables;
  tables.reserve(array->size());
  for (const toml::node& each : *array) tables.emplace_back(*each.as_table(), *path_);
  return tables;
}

void LayerTable::check_keys(const std::string& what, const std::vector<std::string>& keys) const {
  for (const auto& [key, node] : *table_) {
    const std::string name(key.str());
    if (std::find(keys.begin(), keys.end(), name) != keys.end()) continue;
    throw InputError(fmt::format("{} has no '{}'", what, shortened(name)), place_in(*path_, node),
                     choose_instead(name, keys));
  }
}

void LayerTable::refuse(const std::string& what, const std::string& what_to_do) const {
  throw InputError(what, place(), what_to_do);
}

void LayerTable::refuse(const char* key, const std::string& what,
                        const std::string& what_to_do) const {
  throw InputError(what, place_in(*path_, *table_->get(key)), what_to_do);
}

}  // namespace etalon

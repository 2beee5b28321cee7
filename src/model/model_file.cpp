#include "model/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <sstream>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "model/layer_reader.hpp"
#include "toml/toml_file.hpp"

namespace etalon {
namespace {

constexpr const char* kExample = "write [[layer]] and below it kind = \"linear\", and so on";
constexpr TomlForm kModelFile = {
    "model file", "name a TOML file with the layers", kExample, "write a layer a line", 0, 100};

std::string name_of(const LayerTable& file, const std::string& path) {
  std::string name = file.word("name").value_or(std::filesystem::path(path).filename().string());
  const bool is_plain = !name.empty() && name.size() <= 60 && printable(name) == name;
  if (!is_plain)
    file.refuse("the model's name is no line of 1 to 60 characters", "name = \"thin\"");
  return name;
}

template <typename Node>
std::string toml_text(const Node& node) {
  std::ostringstream text;
  text << node;
  return text.str();
}

std::string inline_text(const toml::node& node);

// The kind first, the others by name.
std::string inline_text(const toml::table& table) {
  std::string text;
  const auto add = [&](std::string_view key, const toml::node& node) {
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", key, inline_text(node));
  };
  if (const toml::node* kind = table.get("kind")) add("kind", *kind);
  for (const auto& [key, node] : table) {
    if (key.str() != "kind") add(key.str(), node);
  }
  return fmt::format("{{{}}}", text);
}

std::string inline_text(const toml::array& array) {
  std::string text;
  for (const toml::node& node : array) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", inline_text(node));
  }
  return fmt::format("[{}]", text);
}

std::string inline_text(const toml::node& node) {
  if (const auto* table = node.as_table()) return inline_text(*table);
  if (const auto* array = node.as_array()) return inline_text(*array);
  return node.visit([](const auto& value) { return toml_text(value); });
}

std::string canonical_text(const toml::table& file, const std::string& path) {
  std::string text = fmt::format("name = {}\nlayer = [\n",
                                 toml_text(toml::value(name_of(LayerTable(file, path), path))));
  for (const toml::node& layer : *file.get("layer")->as_array()) {
    text += fmt::format("  {},\n", inline_text(layer));
  }
  return text + "]\n";
}

// The file, once it is known to hold layers.
toml::table parse_layers(const std::string& text, const std::string& path) {
  toml::table file = parse_toml(text, path, kModelFile);
  const LayerTable whole(file, path);
  whole.check_keys("a model file", {"layer", "name"});
  if (whole.layers("layer").empty()) throw InputError("there are no layers", path, kExample);
  return file;
}

}  // namespace

bool is_model_file(std::string_view model) { return model.ends_with(".toml"); }

std::string read_model_file(const std::string& path) { return read_toml_file(path, kModelFile); }

std::string canonical_model(const std::string& text, const std::string& path) {
  return canonical_text(parse_layers(text, path), path);
}

ModelSpec model_from_toml(const std::string& text, const std::string& path, const ModelTask& task) {
  const toml::table file = parse_layers(text, path);
  const LayerTable whole(file, path);
  ModelBuilder model(name_of(whole, path), task);
  LayerReader(model).add(whole.layers("layer"));
  model.set_place(path);
  ModelSpec spec = model.build();
  spec.stack = canonical_text(file, path);
  return spec;
}

}  // namespace etalon

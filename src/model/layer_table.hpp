// One table of a model file: a layer's settings, each read once as what it must be.
//
// Errors name the file and the line of what is wrong. A value that points into the parsed file,
// which must outlive it.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/interval.hpp"
#include "model/layer_spec.hpp"

namespace etalon {

struct WholeRange {
  std::int64_t least = 1, most = 1;
};

class LayerTable {
 public:
  // `path` names the file.
  LayerTable(const toml::table& table, const std::string& path) : table_(&table), path_(&path) {}

  std::string place() const;  // "net.toml:7"

  // Each throws InputError for a value that is none of the kind, or out of range.
  std::optional<std::string> word(const char* key) const;
  std::optional<std::int64_t> whole(const char* key, const WholeRange& range) const;
  std::int64_t needed_whole(const char* key, const WholeRange& range) const;
  std::optional<double> number(const char* key, const Interval& interval) const;
  bool flag(const char* key, bool otherwise) const;
  Activation activation() const;
  // The tables of a list of layers; none where it is not there.
  std::vector<LayerTable> layers(const char* key) const;

  // Throws InputError for a key that is none of `keys`; `what` is what has no such key.
  void check_keys(const std::string& what, const std::vector<std::string>& keys) const;

  // At this table, or at one of its settings.
  [[noreturn]] void refuse(const std::string& what, const std::string& what_to_do) const;
  [[noreturn]] void refuse(const char* key, const std::string& what,
                           const std::string& what_to_do) const;

 private:
  const toml::table* table_;
  const std::string* path_;
};

}  // namespace etalon

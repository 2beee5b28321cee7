// One's own stack of layers, in a TOML file: docs/models.md is the format.
//
//   [[layer]]
//   kind = "convolution"
//   channels = 8
//   kernel = 3
//
// A file may change, or go, while what was trained with it stays: what keeps a model keeps its
// canonical text, which is such a file too.
#pragma once

#include <string>
#include <string_view>

#include "model/model_spec.hpp"

namespace etalon {

// Whether `model` names a file: "nets/thin.toml".
bool is_model_file(std::string_view model);

// The file's text. Throws InputError where it cannot be read.
std::string read_model_file(const std::string& path);

// The text without comments and with the model's name in it, that of `path` unless it has one: a
// layer a line, in one spelling. Throws InputError for what is no list of layers.
std::string canonical_model(const std::string& text, const std::string& path);

// The model that the text describes, whose `stack` is its canonical text. Throws InputError, which
// names `path` and a line, for a setting that is wrong and for a layer that cannot take the shape
// of the one before.
ModelSpec model_from_toml(const std::string& text, const std::string& path, const ModelTask& task);

}  // namespace etalon

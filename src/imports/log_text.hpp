// Files of settings and metrics as text: JSON as tools write it, and YAML.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "imports/logged_run.hpp"

namespace etalon {

// Throws InputError for a file that cannot be read, is no regular one, or is larger.
std::string read_log_text(const std::filesystem::path& file,
                          std::size_t most_bytes = std::size_t{256} << 20);
// The first so many bytes, or all; empty where it cannot be read, or is no regular file.
std::string read_beginning(const std::filesystem::path& file, std::size_t bytes);

// With bare NaN and Infinity, as Python's json writes them, which become the texts "nan", "inf" and
// "-inf". A discarded value where the text is no JSON.
nlohmann::json parse_log_json(std::string_view text);
// The same of a file. Throws InputError where it is no JSON.
nlohmann::json read_json(const std::filesystem::path& file);

// The number that a value is or, as a text, spells ("nan", "0.1"); NaN for what is none. A logical
// value is 0 or 1.
double number_of(const nlohmann::json& value);
bool is_number(const nlohmann::json& value);
// A plain value as the text of a setting: "0.1", "true", "adam"; "" for null.
std::string text_of(const nlohmann::json& value);

// The plain values of an object, inner names joined by '.', behind `prefix` where there is one.
// Lists are left out, and what is nested deeper than 16.
void add_settings(const nlohmann::json& object, LoggedRun& run, const std::string& prefix = "");
// The same of a YAML document; tags of other languages are read as the plain values that they mark.
// Throws InputError naming `file` where it is no YAML.
void add_yaml_settings(std::string_view text, const std::filesystem::path& file, LoggedRun& run);

}  // namespace etalon

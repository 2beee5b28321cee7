#include "imports/log_text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "metrics/dict_text.hpp"
#include "metrics/loose_json.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 16;

std::string below(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + '.' + name;
}

void add_json(const nlohmann::json& value, const std::string& name, int depth, LoggedRun& run) {
  if (value.is_object()) {
    if (depth > kDeepest) return;
    for (const auto& [key, inner] : value.items())
      add_json(inner, below(name, key), depth + 1, run);
  } else if (!value.is_array() && !value.is_discarded()) {
    run.set(name, text_of(value));
  }
}

// An anchor may stand for a document many times its size: as many values as a run has settings.
void add_yaml(const YAML::Node& value, const std::string& name, int depth, std::size_t& left,
              LoggedRun& run) {
  if (left == 0) return;
  --left;
  if (value.IsMap() && depth <= kDeepest) {
    for (const auto& each : value) {
      if (each.first.IsScalar()) {
        add_yaml(each.second, below(name, each.first.Scalar()), depth + 1, left, run);
      }
    }
  } else if (value.IsScalar()) {
    run.set(name, value.Scalar());
  }
}

std::ifstream open_regular(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return {};
  return std::ifstream(file, std::ios::binary);
}

}  // namespace

std::string read_beginning(const fs::path& file, std::size_t bytes) {
  std::ifstream input = open_regular(file);
  std::string text(bytes, '\0');
  input.read(text.data(), std::ssize(text));
  text.resize(input.is_open() ? static_cast<std::size_t>(input.gcount()) : 0);
  return text;
}

std::string read_log_text(const fs::path& file, std::size_t most_bytes) {
  std::ifstream input = open_regular(file);
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (!input.is_open() || error) {
    throw InputError("the file cannot be read", file.string(), "check its rights");
  }
  if (size > most_bytes) {
    throw InputError(fmt::format("the file has more than {} MiB", most_bytes >> 20), file.string(),
                     "leave it out");
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  input.read(text.data(), std::ssize(text));
  text.resize(static_cast<std::size_t>(input.gcount()));
  return text;
}

nlohmann::json parse_log_json(std::string_view text) {
  return nlohmann::json::parse(spelled_out(text), nullptr, false);
}

nlohmann::json read_json(const fs::path& file) {
  nlohmann::json json = parse_log_json(read_log_text(file));
  if (!json.is_discarded()) return json;
  throw InputError("the file is no JSON", file.string(), "write it whole, or leave it out");
}

bool is_number(const nlohmann::json& value) {
  return value.is_number() || value.is_boolean() ||
         (value.is_string() && number_that_is(value.get_ref<const std::string&>()).has_value());
}

double number_of(const nlohmann::json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_boolean()) return value.get<bool>() ? 1.0 : 0.0;
  if (!value.is_string()) return NAN;
  return number_that_is(value.get_ref<const std::string&>()).value_or(NAN);
}

std::string text_of(const nlohmann::json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void add_settings(const nlohmann::json& object, LoggedRun& run, const std::string& prefix) {
  add_json(object, prefix, 0, run);
}

void add_yaml_settings(std::string_view text, const fs::path& file, LoggedRun& run) {
  try {
    std::size_t left = 4 * LoggedRun::kMostSettings;
    add_yaml(YAML::Load(std::string(text)), "", 0, left, run);
  } catch (const YAML::Exception& error) {
    throw InputError(fmt::format("the file is no YAML: {}", printable(error.what())), file.string(),
                     "leave it out");
  }
}

}  // namespace etalon

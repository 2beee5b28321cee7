#include "imports/hydra.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <string>
#include <system_error>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "imports/log_text.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kConfigFile = "config.yaml", kOverrides = "overrides.yaml";
constexpr std::size_t kLargestHydra = std::size_t{16} << 20;  // bytes

bool lies_in_hydra(const fs::path& file) { return file.parent_path().filename() == ".hydra"; }

bool has_neighbour(const fs::path& file, std::string_view name) {
  std::error_code ignored;
  return fs::is_regular_file(file.parent_path() / name, ignored);
}

std::string_view unquoted(std::string_view value) {
  const bool is_quoted = value.size() >= 2 && (value.front() == '\'' || value.front() == '"') &&
                         value.back() == value.front();
  return is_quoted ? value.substr(1, value.size() - 2) : value;
}

// "a.b=c", "+a.b=c" and "++a.b=c"; "~a" takes away, and lists and dicts are no plain settings.
void add_override(std::string_view text, LoggedRun& run) {
  while (text.starts_with('+')) text.remove_prefix(1);
  const std::size_t equals = text.find('=');
  if (text.starts_with('~') || equals == std::string_view::npos) return;
  const std::string_view value = text.substr(equals + 1);
  if (!value.starts_with('[') && !value.starts_with('{')) {
    run.set(text.substr(0, equals), unquoted(value));
  }
}

void add_overrides(const fs::path& file, LoggedRun& run) {
  try {
    const YAML::Node list = YAML::Load(read_log_text(file, kLargestHydra));
    for (std::size_t i = 0; list.IsSequence() && i < list.size(); ++i) {
      if (list[i].IsScalar()) add_override(list[i].Scalar(), run);
    }
  } catch (const YAML::Exception& error) {
    throw InputError(fmt::format("the file is no YAML: {}", printable(error.what())), file.string(),
                     "leave it out");
  }
}

// A setting that is another's: "${optimizer.lr}". As many steps as make no circle.
void follow_references(LoggedRun& run) {
  for (auto& [name, text] : run.settings) {
    for (int steps = 0; steps < 8 && text.starts_with("${") && text.ends_with('}'); ++steps) {
      const auto found = run.settings.find(text.substr(2, text.size() - 3));
      if (found == run.settings.end() || found->first == name) break;
      text = std::string(found->second);
    }
  }
}

}  // namespace

// One of them stands for both.
bool is_hydra_config(const fs::path& file) {
  if (!lies_in_hydra(file)) return false;
  return file.filename() == kConfigFile ||
         (file.filename() == kOverrides && !has_neighbour(file, kConfigFile));
}

void read_hydra_config(const fs::path& file, const HearRun& hear) {
  LoggedRun run;
  run.directory = file.parent_path().parent_path();
  if (file.filename() == kConfigFile) {
    add_yaml_settings(read_log_text(file, kLargestHydra), file, run);
  }
  if (has_neighbour(file, kOverrides)) add_overrides(file.parent_path() / kOverrides, run);
  follow_references(run);
  hear(std::move(run));
}

}  // namespace etalon

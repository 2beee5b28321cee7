#include "imports/wandb_files.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "etalon/error.hpp"
#include "imports/log_text.hpp"
#include "imports/wandb_directory.hpp"
#include "imports/wandb_log.hpp"
#include "imports/wandb_values.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSummary = "wandb-summary.json", kConfig = "config.yaml";

fs::path run_directory_of(const fs::path& file) {
  const fs::path directory = file.parent_path();
  return directory.filename() == "files" ? directory.parent_path() : directory;
}

bool has_wandb_log(const fs::path& directory) {
  std::error_code error;
  fs::directory_iterator each(directory, error);
  for (; !error && each != fs::directory_iterator(); each.increment(error)) {
    if (is_wandb_log(each->path())) return true;
  }
  return false;
}

// Many tools write a config.yaml.
bool is_beside_a_summary(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file.parent_path() / kSummary, ignored) ||
         fs::is_regular_file(file.parent_path() / "wandb-metadata.json", ignored);
}

// {lr: {value: 0.1}} is "lr.value" among the settings of a YAML document, and "lr" here; what is no
// value (a description) is "".
std::string without_value(const std::string& name) {
  constexpr std::string_view kValue = ".value";
  for (std::size_t at = name.find(kValue); at != std::string::npos;
       at = name.find(kValue, at + 1)) {
    const std::string inner = name.substr(at + kValue.size());
    if (inner.empty() || inner[0] == '.') return name.substr(0, at) + inner;
  }
  return "";
}

void take_config_yaml(const fs::path& file, LoggedRun& run) {
  LoggedRun whole;
  add_yaml_settings(read_log_text(file), file, whole);
  for (const auto& [name, text] : whole.settings) {
    if (!name.starts_with('_')) run.set(without_value(name), text);
  }
}

void take_summary_json(const fs::path& file, LoggedRun& run) {
  const nlohmann::json summary = read_json(file);
  if (!summary.is_object()) {
    throw InputError("the file is no JSON object", file.string(), "leave it out");
  }
  const auto said = summary.find("_step");
  const double step = said == summary.end() ? 0.0 : wandb_step(*said).value_or(0.0);
  for (const auto& [name, value] : summary.items()) log_wandb_value(name, value, step, run);
}

}  // namespace

bool is_wandb_text(const fs::path& file) {
  std::error_code ignored;
  const bool is_named =
      file.filename() == kSummary || (file.filename() == kConfig && is_beside_a_summary(file));
  return is_named && fs::is_regular_file(file, ignored) && !has_wandb_log(run_directory_of(file));
}

void read_wandb_text(const fs::path& file, const HearRun& hear) {
  LoggedRun run;
  set_wandb_directory(run_directory_of(file), run);
  // The project is not known, but that of the directories beside this one is the same.
  if (!run.id.empty()) run.id = run.directory.parent_path() / run.id;
  if (file.extension() == ".yaml") {
    take_config_yaml(file, run);
  } else {
    take_summary_json(file, run);
  }
  hear(std::move(run));
}

}  // namespace etalon

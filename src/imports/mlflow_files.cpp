#include "imports/mlflow_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "imports/log_text.hpp"
#include "imports/mlflow_run.hpp"
#include "metrics/dict_text.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestMeta = std::size_t{1} << 20;
constexpr std::size_t kMostKeys = 10'000;

using KeyFile = std::pair<std::string, fs::path>;

std::vector<KeyFile> files_by_key(const fs::path& directory) {
  std::vector<KeyFile> files;
  std::error_code error;
  fs::recursive_directory_iterator each(directory, error);
  for (; !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
    std::error_code ignored;
    if (files.size() == kMostKeys) break;
    if (!each->is_regular_file(ignored)) continue;
    files.emplace_back(each->path().lexically_relative(directory).generic_string(), each->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// What is longer is no setting.
std::string value_in(const fs::path& file) {
  std::string value = read_beginning(file, LoggedRun::kLongestSetting + 2);
  if (value.ends_with('\n')) value.pop_back();
  return value;
}

// The settings of a meta.yaml; none where there is no such file.
std::map<std::string, std::string> read_meta_yaml(const fs::path& file) {
  LoggedRun meta;
  std::error_code ignored;
  if (fs::is_regular_file(file, ignored)) {
    add_yaml_settings(read_log_text(file, kLongestMeta), file, meta);
  }
  return std::move(meta.settings);
}

// A run is no worse for the damage of its experiment's file.
std::map<std::string, std::string> read_experiment(const fs::path& directory) {
  try {
    return read_meta_yaml(directory / "meta.yaml");
  } catch (const InputError&) {
    return {};
  }
}

std::string word_of_status(const std::string& status) {
  static const std::map<std::string, std::string> kWords = {
      {"1", "RUNNING"}, {"2", "SCHEDULED"}, {"3", "FINISHED"}, {"4", "FAILED"}, {"5", "KILLED"}};
  const auto found = kWords.find(status);
  return found == kWords.end() ? status : found->second;
}

bool add_metric_line(const std::string& line, const std::string& key, LoggedRun& run) {
  std::istringstream words(line);
  std::string time, value, step;
  words >> time >> value >> step;
  const auto number = number_that_is(value);
  const auto at = step.empty() ? 0.0 : number_that_is(step).value_or(NAN);
  if (!number || !std::isfinite(at)) return false;
  run.log(key, at, *number);
  return true;
}

std::optional<std::string> text_that_can_be_read(const fs::path& file) {
  try {
    return read_log_text(file);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

// A last line without its end may be cut off by its writer's death. Says what is wrong with a line
// that is not one; empty: nothing.
std::string add_metric(const std::string& key, const fs::path& file, LoggedRun& run) {
  const auto text = text_that_can_be_read(file);
  if (!text) return fmt::format("metric {} cannot be read", shortened(key));
  std::istringstream lines(*text);
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    number += 1;
    if (line.empty() || add_metric_line(line, key, run) || lines.eof()) continue;
    return fmt::format("line {} of metric {} is not a time, a value and a step", number,
                       shortened(key));
  }
  return "";
}

void add_metrics(const fs::path& directory, LoggedRun& run, std::string& damage) {
  for (const auto& [key, file] : files_by_key(directory / "metrics")) {
    const std::string wrong = add_metric(key, file, run);
    if (damage.empty()) damage = wrong;
  }
  number_steps(run);
}

void add_mlflow_settings(const fs::path& directory, LoggedRun& run) {
  for (const auto& [key, file] : files_by_key(directory / "tags")) {
    add_mlflow_tag(key, value_in(file), run);
  }
  for (const auto& [key, file] : files_by_key(directory / "params")) run.set(key, value_in(file));
}

}  // namespace

bool is_mlflow_run(const fs::path& file) {
  if (file.filename() != "meta.yaml") return false;
  const fs::path directory = file.parent_path();
  std::error_code ignored;
  if (!fs::is_directory(directory / "metrics", ignored) &&
      !fs::is_directory(directory / "params", ignored)) {
    return false;
  }
  const std::string text = '\n' + read_beginning(file, kLongestMeta);
  return text.find("\nrun_id:") != std::string::npos ||
         text.find("\nrun_uuid:") != std::string::npos;
}

void read_mlflow_run(const fs::path& file, const HearRun& hear) {
  auto meta = read_meta_yaml(file);
  const fs::path directory = file.parent_path();
  auto experiment = read_experiment(directory.parent_path());
  if (is_deleted_in_mlflow(meta["lifecycle_stage"]) ||
      is_deleted_in_mlflow(experiment["lifecycle_stage"])) {
    return;
  }
  LoggedRun run;
  run.directory = directory;
  run.holds = {directory / "artifacts"};
  run.state = word_of_status(meta["status"]);
  if (!experiment["name"].empty()) run.set("experiment", experiment["name"]);
  if (!meta["run_name"].empty()) run.set("run_name", meta["run_name"]);
  std::string damage;
  add_mlflow_settings(directory, run);
  add_metrics(directory, run, damage);
  hear(std::move(run));
  if (!damage.empty()) throw InputError(damage, directory.string(), "the others were read");
}

}  // namespace etalon

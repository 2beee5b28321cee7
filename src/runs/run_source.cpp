#include "runs/run_source.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "runs/foreign_files.hpp"
#include "runs/table.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

void refuse_requests(const RequestedColumns& requested, const std::string& name) {
  if (!requested.names_any()) return;
  throw InputError("columns are named, but a study's are known", name,
                   "leave the columns out, or name its trials.csv");
}

RunSource read_database(const fs::path& path, const RequestedColumns& requested) {
  refuse_requests(requested, path.string());
  const StudyFile study = read_study_file(path);
  RunSource source;
  source.name = path.string();
  source.study_optimizer = optimizer_of(study);
  RunGroup group;
  group.observations = sweep_of(study);
  if (group.observations.empty()) {
    throw InputError("the study has no runs that ended", source.name, "run some trials");
  }
  source.groups.push_back(std::move(group));
  return source;
}

std::optional<std::string> optimizer_of_summary(const fs::path& path) {
  std::ifstream input(path, std::ios::binary);
  const auto summary = nlohmann::json::parse(input, nullptr, false);
  const nlohmann::json::json_pointer place("/study/settings/optimizer");
  if (!summary.is_object() || !summary.contains(place)) return std::nullopt;
  const auto& optimizer = summary[place];
  return optimizer.is_string() ? std::optional(optimizer.get<std::string>()) : std::nullopt;
}

void say_all(const std::vector<std::string>& sentences, const Say& say) {
  for (const std::string& sentence : sentences) {
    if (say) say(sentence);
  }
}

RunSource take_table(const Table& table, const RequestedColumns& requested, const Say& say) {
  GuessedColumns guessed = guess_columns(table, requested);
  say_all(guessed.guesses, say);
  GroupedRuns runs = group_runs(table, guessed.columns);
  say_all(runs.said, say);
  return {table.name, std::move(runs.groups), guessed.columns.metric, std::nullopt};
}

TableOptions wanted_by(const RequestedColumns& requested) {
  TableOptions options;
  options.is_wanted = [&requested](std::string_view name) { return requested.is_wanted(name); };
  return options;
}

// The trials of a study that has lost its database.
RunSource read_trials_file(const fs::path& directory, const RequestedColumns& requested,
                           const Say& say) {
  refuse_requests(requested, directory.string());
  const fs::path path = directory / "trials.csv";
  if (std::error_code ignored; !fs::is_regular_file(path, ignored)) {
    throw InputError("this is no regular file", path.string(), "name a file of runs");
  }
  RequestedColumns columns;
  columns.loss = "objective";
  columns.budget = "none";
  columns.run = {"none"};
  columns.group_by.emplace();
  columns.leaves_out_recipes = true;
  RunSource source = take_table(read_table(path, wanted_by(columns)), columns, say);
  source.study_optimizer = optimizer_of_summary(directory / "summary.json");
  return source;
}

RunSource read_directory(const fs::path& path, const RequestedColumns& requested, const Say& say) {
  std::error_code ignored;
  if (fs::exists(path / "study.db", ignored)) return read_database(path / "study.db", requested);
  if (fs::exists(path / "trials.csv", ignored)) return read_trials_file(path, requested, say);
  refuse_directory(path);
}

}  // namespace

RunSource read_runs(const fs::path& path, const RequestedColumns& requested, const Say& say) {
  std::error_code ignored;
  if (path == "-") {
    return take_table(read_table(std::cin, "standard input", wanted_by(requested)), requested, say);
  }
  if (fs::is_directory(path, ignored)) return read_directory(path, requested, say);
  if (path.extension() == ".db" || is_database(path)) return read_database(path, requested);
  RunSource source = take_table(read_table(path, wanted_by(requested)), requested, say);
  if (path.filename() == "trials.csv") {
    source.study_optimizer = optimizer_of_summary(path.parent_path() / "summary.json");
  }
  return source;
}

}  // namespace etalon

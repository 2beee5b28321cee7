#include "runs/run_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "runs/foreign_files.hpp"
#include "runs/log_thinning.hpp"
#include "runs/table.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using HearBytes = std::function<void(std::size_t)>;

// Together they are no other table's.
constexpr const char* kColumnsOfTrials[] = {"trial", "round", "stage", "batch_size",
                                            "lr",    "seed",  "state", "diverged_step"};
constexpr const char* kObjective = "objective";

void refuse_requests(const RequestedColumns& requested, const std::string& name) {
  if (!requested.names_any()) return;
  throw InputError("columns are named, but a study's are known", name,
                   "leave the columns out, or name its trials.csv");
}

void say_what_was_pruned(const StudyFile& study, const Say& say) {
  const std::size_t pruned = pruned_of(study.trials).size();
  if (pruned == 0 || !say) return;
  say(fmt::format("left out {} trial{} in state 'pruned'", pruned, pruned == 1 ? "" : "s"));
}

// Of a program whose metric is maximized; its losses are the metric's negative, and become what is
// left to its bound.
std::optional<Metric> take_maximized_metric(const StudyFile& study,
                                            std::vector<Observation>& runs) {
  if (setting_of(study.fingerprint, "program.mode") != "max") return std::nullopt;
  const std::string name = setting_of(study.fingerprint, "program.metric").value_or("metric");
  std::vector<double> values;
  for (const Observation& run : runs) {
    if (!run.diverged()) values.push_back(-*run.loss);
  }
  const double bound = bound_of(name, values);
  for (Observation& run : runs) {
    if (!run.diverged()) run.loss = bound + *run.loss;
  }
  return Metric{name, MetricMode::maximized, bound};
}

std::optional<double> number_in(const Fingerprint& fingerprint, std::string_view key) {
  const auto number = parse_number(setting_of(fingerprint, key).value_or(""));
  return number && *number > 0.0 ? number : std::nullopt;
}

RunSource read_database(const fs::path& path, const RequestedColumns& requested, const Say& say) {
  refuse_requests(requested, path.string());
  const StudyFile study = read_study_file(path);
  say_what_was_pruned(study, say);
  RunSource source;
  source.name = path.string();
  source.study_optimizer = optimizer_of(study);
  RunGroup group;
  group.observations = sweep_of(study);
  if (group.observations.empty()) {
    throw InputError("the study has no runs that ended", source.name, "run some trials");
  }
  group.examples = number_in(study.fingerprint, "budget_examples");
  group.beta2 = number_in(study.fingerprint, "beta2");
  source.metric = take_maximized_metric(study, group.observations);
  source.groups.push_back(std::move(group));
  return source;
}

// Of a study trained here its name, of a study of a program its kind.
std::optional<std::string> optimizer_of_summary(const fs::path& path) {
  std::ifstream input(path, std::ios::binary);
  const auto summary = nlohmann::json::parse(input, nullptr, false);
  if (!summary.is_object()) return std::nullopt;
  for (const char* setting : {"optimizer", "campaign.update"}) {
    const auto place = nlohmann::json::json_pointer("/study/settings") / setting;
    if (summary.contains(place) && summary[place].is_string()) return summary[place];
  }
  return std::nullopt;
}

void say_all(const std::vector<std::string>& sentences, const Say& say) {
  for (const std::string& sentence : sentences) {
    if (say) say(sentence);
  }
}

RunSource take_columns(const Table& table, const RunColumns& columns, const Say& say) {
  GroupedRuns runs = group_runs(table, columns);
  say_all(runs.said, say);
  return {table.name, std::move(runs.groups), columns.metric, std::nullopt};
}

// Logs of many rows a run are thinned as they are read.
TableOptions wanted_by(const RequestedColumns& requested, const HearBytes& on_bytes) {
  constexpr std::size_t kMostOfALog = 250'000;
  TableOptions options;
  options.is_wanted = [&requested](std::string_view name) { return requested.is_wanted(name); };
  options.on_bytes = on_bytes;
  options.thin = [&requested](const Table& table) {
    return thin_log(table, requested, kMostOfALog);
  };
  return options;
}

// The column of what was maximized has the metric's name, and stands where the objective would.
std::string metric_of_trials(const Table& table) {
  const auto state = table.find_column("state");
  const bool is_maximized =
      !table.find_column(kObjective) && state && *state + 1 < table.columns.size();
  return is_maximized ? table.columns[*state + 1].name() : kObjective;
}

// What the columns of a study's trials.csv mean.
RequestedColumns columns_of_trials(const Table& table) {
  RequestedColumns columns;
  columns.loss = metric_of_trials(table);
  if (columns.loss != kObjective) columns.mode = MetricMode::maximized;
  columns.budget = "none";
  columns.run = {"none"};
  columns.group_by.emplace();
  columns.leaves_out_recipes = true;
  return columns;
}

// Whether this is a study's trials.csv, whatever it is called by now.
bool holds_trials(const Table& table) {
  const auto& names = table.index;
  return std::all_of(std::begin(kColumnsOfTrials), std::end(kColumnsOfTrials),
                     [&](const char* name) { return names.contains(name); });
}

// All columns are read, since the metric's may have any name.
RunSource read_trials(const fs::path& path, const Say& say) {
  TableOptions options;
  options.is_wanted = [](std::string_view) { return true; };
  const Table table = read_table(path, options);
  RunSource source =
      take_columns(table, guess_columns(table, columns_of_trials(table)).columns, say);
  source.study_optimizer = optimizer_of_summary(path.parent_path() / "summary.json");
  return source;
}

RunSource read_file(const fs::path& path, const RequestedColumns& requested, const Say& say,
                    const HearBytes& on_bytes) {
  const Table table = read_table(path, wanted_by(requested, on_bytes));
  std::error_code ignored;
  const bool is_of_a_study =
      !requested.names_any() && holds_trials(table) && fs::is_regular_file(path, ignored);
  return is_of_a_study ? read_trials(path, say) : runs_of_table(table, requested, say);
}

// The trials of a study that has lost its database.
RunSource read_trials_file(const fs::path& directory, const RequestedColumns& requested,
                           const Say& say) {
  refuse_requests(requested, directory.string());
  const fs::path path = directory / "trials.csv";
  if (std::error_code ignored; !fs::is_regular_file(path, ignored)) {
    throw InputError("this is no regular file", path.string(), "name a file of runs");
  }
  return read_trials(path, say);
}

RunSource read_directory(const fs::path& path, const RequestedColumns& requested, const Say& say) {
  std::error_code ignored;
  if (fs::exists(path / "study.db", ignored)) {
    return read_database(path / "study.db", requested, say);
  }
  if (fs::exists(path / "trials.csv", ignored)) return read_trials_file(path, requested, say);
  const std::vector<std::string> candidates = candidates_in(path);
  if (candidates.size() != 1 || fs::path(candidates[0]).extension() == ".db") {
    refuse_directory(path);
  }
  if (say)
    say(fmt::format("took '{}', which is all that can be read there", shortened(candidates[0])));
  return read_runs(candidates[0], requested, say);
}

}  // namespace

bool holds_trials(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return false;
  std::string header;
  std::getline(std::ifstream(file, std::ios::binary), header);
  return std::all_of(std::begin(kColumnsOfTrials), std::end(kColumnsOfTrials),
                     [&](const std::string& name) {
                       return (',' + header).find(',' + name) != std::string::npos;
                     });
}

RunSource runs_of_table(const Table& table, const RequestedColumns& requested, const Say& say) {
  const GuessedColumns guessed = guess_columns(table, requested);
  say_all(guessed.guesses, say);
  return take_columns(table, guessed.columns, say);
}

RunSource read_runs(const fs::path& path, const RequestedColumns& requested, const Say& say,
                    const HearBytes& on_bytes) {
  std::error_code ignored;
  if (path == "-") {
    return runs_of_table(read_table(std::cin, "standard input", wanted_by(requested, on_bytes)),
                         requested, say);
  }
  if (fs::is_directory(path, ignored)) return read_directory(path, requested, say);
  if (path.extension() == ".toml") {
    throw InputError("a file of settings holds no runs", path.string(),
                     "name a file of runs, or the directory of a study");
  }
  if (path.extension() == ".db" || is_database(path)) return read_database(path, requested, say);
  return read_file(path, requested, say, on_bytes);
}

}  // namespace etalon

#include "imports/norm_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "etalon/error.hpp"
#include "imports/joined_runs.hpp"
#include "imports/log_files.hpp"
#include "imports/run_cells.hpp"

namespace etalon {
namespace {

// Of these readers a file is a table with names of its own.
constexpr std::array<std::string_view, 2> kTableReaders = {"csv-log", "json-lines-log"};

using CellsByStep = std::map<double, Cells>;

CellsByStep steps_of(const LoggedRun& run, const RequestedNorms& requested) {
  CellsByStep steps;
  for (const auto& [metric, curve] : run.curves) {
    if (!is_wanted_of_norms(metric, requested)) continue;
    for (const CoursePoint& point : curve) {
      steps[point.step][metric] = fmt::format("{}", point.value);
    }
  }
  return steps;
}

Cells settings_of(const LoggedRun& run, const RequestedNorms& requested) {
  Cells settings;
  for (const auto& [name, text] : run.settings) {
    if (is_wanted_of_norms(name, requested)) settings[name] = text;
  }
  return settings;
}

std::string place_of_step(const std::string& run, double step) {
  return run.empty() ? fmt::format("step {:.12g}", step)
                     : fmt::format("step {:.12g} of {}", step, run);
}

}  // namespace

bool is_norm_log(const std::filesystem::path& file) {
  const LogFiles found = find_log_files(file, nullptr);
  if (found.files.empty()) return false;
  const std::string_view reader = found.files.front().reader->name;
  return std::find(kTableReaders.begin(), kTableReaders.end(), reader) == kTableReaders.end();
}

Table norm_table(const LoggedRuns& logged, const RequestedNorms& requested) {
  std::vector<Cells> rows;
  std::vector<std::string> places;
  for (const LoggedRun& run : logged.runs) {
    const std::string path = path_of(run, logged.root);
    const Cells settings = settings_of(run, requested);
    for (auto& [step, cells] : steps_of(run, requested)) {
      cells.insert(settings.begin(), settings.end());
      cells[kNormStep] = fmt::format("{}", step);
      cells[kNormRun] = path;
      places.push_back(place_of_step(logged.runs.size() > 1 ? path : "", step));
      rows.push_back(std::move(cells));
    }
  }
  if (rows.empty()) {
    throw InputError("no run logs gradient norms", logged.root.string(),
                     "log them under names such as grad_norm, or small_norm and big_norm");
  }
  Table table = table_of(rows, logged.root.string(), {});
  table.places = std::move(places);
  return table;
}

}  // namespace etalon

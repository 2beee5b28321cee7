#include "imports/wandb_chart.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include "etalon/error.hpp"
#include "imports/log_text.hpp"
#include "metrics/csv_rows.hpp"

namespace etalon {
namespace {

struct ChartColumn {
  std::string run, metric;
};

// A run's name may hold the separator, a metric's hardly does.
std::optional<ChartColumn> column_named(const std::string& name) {
  constexpr std::string_view kSeparator = " - ";
  const std::size_t at = name.rfind(kSeparator);
  if (at == std::string::npos || at == 0) return std::nullopt;
  ChartColumn column{name.substr(0, at), name.substr(at + kSeparator.size())};
  return column.metric.empty() ? std::nullopt : std::optional(std::move(column));
}

bool is_bound(const std::string& name) {
  return name.ends_with("__MIN") || name.ends_with("__MAX");
}

bool is_axis(const std::string& name) {
  static const std::set<std::string> kAxes = {
      "Step",  "_step",     "step",     "global_step", "trainer/global_step", "train/global_step",
      "epoch", "Wall Time", "_runtime", "_timestamp",  "train/epoch"};
  return kAxes.contains(name) || name.starts_with("Relative Time");
}

// The names of the first row, which may be as long as a row can be.
std::vector<std::string> header_of(const std::filesystem::path& file) {
  std::string text = read_beginning(file, CsvRows::kLongest);
  text.resize(std::min(text.size(), text.find('\n')));
  return csv_fields(text);
}

// The curves of a chart by run, as rows come in.
class ChartRuns {
 public:
  void take(std::span<const NamedValue> row) {
    if (column_named(row.front().name)) return;  // no step
    const double step = row.front().value;
    if (!std::isfinite(step)) return;
    for (const NamedValue& cell : row.subspan(1)) take_cell(cell, step);
  }

  void hear(const std::filesystem::path& directory, const HearRun& hear) {
    for (auto& [name, run] : runs_) {
      run.directory = directory;
      run.name = name;
      hear(std::move(run));
    }
  }

 private:
  void take_cell(const NamedValue& cell, double step) {
    const auto column = is_bound(cell.name) ? std::nullopt : column_named(cell.name);
    if (!column || column->metric.starts_with('_')) return;
    runs_[column->run].log(column->metric, step, cell.value);
  }

  std::map<std::string, LoggedRun> runs_;
};

}  // namespace

bool is_wandb_chart(const std::filesystem::path& file) {
  if (file.extension() != ".csv") return false;
  const std::vector<std::string> header = header_of(file);
  const bool is_wide = header.size() > 1 &&
                       std::all_of(header.begin() + 1, header.end(),
                                   [](const auto& name) { return column_named(name).has_value(); });
  const bool has_bounds = std::any_of(header.begin(), header.end(), is_bound);
  return is_wide && !column_named(header.front()) && (has_bounds || is_axis(header.front()));
}

void read_wandb_chart(const std::filesystem::path& file, const HearRun& hear) {
  std::ifstream input(file, std::ios::binary);
  if (!input) throw InputError("the file cannot be read", file.string(), "check its rights");
  ChartRuns runs;
  CsvRows rows([&](std::span<const NamedValue> row) { runs.take(row); });
  std::string bytes(std::size_t{1} << 20, '\0');
  while (input.read(bytes.data(), std::ssize(bytes)), input.gcount() > 0) {
    rows.take(std::string_view(bytes).substr(0, static_cast<std::size_t>(input.gcount())));
  }
  rows.finish();
  runs.hear(file.parent_path(), hear);
}

}  // namespace etalon

#include "imports/read_source.hpp"

#include <fmt/format.h>

#include <optional>
#include <system_error>
#include <utility>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "imports/chosen_runs.hpp"
#include "imports/log_files.hpp"
#include "imports/logged_metric.hpp"
#include "imports/logged_runs.hpp"
#include "imports/run_table.hpp"
#include "runs/foreign_files.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

std::string point_text(const MeasuredAt& at) {
  switch (at.kind) {
    case MeasuredAt::Kind::last:
      return "its last value";
    case MeasuredAt::Kind::best:
      return "its best value";
    case MeasuredAt::Kind::step:
      return fmt::format("step {:g}", at.amount);
    case MeasuredAt::Kind::examples:
      return fmt::format("{:g} examples", at.amount);
    case MeasuredAt::Kind::share:
      return fmt::format("{:g} of their length", at.amount);
  }
  return "";
}

// Nothing where there are no logs.
std::optional<ReadSource> read_logs(const fs::path& path, const SourceOptions& options,
                                    const Say& say, const HearProgress& progress) {
  const bool names_batch_size = options.columns.batch_size || options.columns.batch_is;
  auto [runs, root] =
      read_logged_runs(path, {options.from, options.params_from, !names_batch_size}, say, progress);
  if (runs.empty()) return std::nullopt;
  keep_where(runs, options.columns, say);
  RunTable table = tabulate(runs, root, options.columns, say);
  say(fmt::format("took '{}' of {}, at {}", shortened(table.metric),
                  counted(std::ssize(runs), "run"), point_text(options.columns.at)));
  table.table.name = path.string();
  ReadSource source{runs_of_table(table.table, table.columns, say)};
  for (const RunGroup& group : source.runs.groups) {
    auto& curves = source.curves.emplace_back();
    for (const std::size_t row : group.rows) {
      const LoggedCurve* curve = find_curve(runs[table.runs[row]], table.metric);
      curves.push_back(curve != nullptr ? *curve : LoggedCurve{});
    }
  }
  return source;
}

}  // namespace

bool holds_study(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    const fs::path file = path / "study.db";
    return fs::exists(file, ignored) && find_log_files(file, nullptr).files.empty();
  }
  const bool is_one = path.extension() == ".db" || is_database(path);
  return is_one && find_log_files(path, nullptr).files.empty();
}

ReadSource read_source(const fs::path& path, const SourceOptions& options, const Say& listener,
                       const HearProgress& progress) {
  const Say say = listener ? listener : [](const std::string&) {};
  std::error_code ignored;
  const bool is_study = holds_study(path) || holds_trials(path / "trials.csv");
  const bool is_ours = path == "-" || (options.from.empty() && is_study);
  if (!is_ours) {
    if (auto logs = read_logs(path, options, say, progress)) return std::move(*logs);
  }
  if (!options.from.empty()) {
    throw InputError(fmt::format("there are no logs of the form '{}'", options.from), path.string(),
                     "name a directory that holds some");
  }
  const double size =
      static_cast<double>(fs::is_regular_file(path, ignored) ? fs::file_size(path, ignored) : 0);
  return {read_runs(path, options.columns, say, [&](std::size_t bytes) {
    if (progress && size > 0.0) progress(static_cast<double>(bytes) / 1e6, size / 1e6, "MB");
  })};
}

}  // namespace etalon

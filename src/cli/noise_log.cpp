#include "cli/noise_log.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <system_error>

#include "cli/noise_study.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"
#include "imports/norm_table.hpp"
#include "runs/foreign_files.hpp"

namespace etalon::cli {
namespace {

namespace fs = std::filesystem;

// A directory, or a file of a tool that is no table by itself.
bool holds_logs(const std::string& log) {
  std::error_code ignored;
  return fs::is_directory(log, ignored) || (fs::is_regular_file(log, ignored) && is_norm_log(log));
}

Table read_logs(const std::string& log, RequestedNorms& requested, const Say& say) {
  const LoggedRuns logged = read_logged_runs(log, {}, say);
  if (logged.runs.empty()) {
    throw InputError("there are no logs of gradient norms in it", log,
                     "name a file of CSV or JSON, a directory of runs, or that of a study of a "
                     "program");
  }
  requested.is_of_runs = true;
  return norm_table(logged, requested);
}

Table read_norm_table(const std::string& log, RequestedNorms& requested, const Say& say) {
  if (log == "-") return read_table(std::cin, "standard input");
  if (holds_logs(log)) return read_logs(log, requested, say);
  if (is_database(log)) {
    throw InputError("a database holds no table of gradient norms", log,
                     "name a file of CSV or JSON");
  }
  return read_table(fs::path(log));
}

}  // namespace

NoiseOfLog read_noise_log(const std::string& log, const RequestedNorms& requested,
                          const NoiseScaleOptions& options, const Say& say) {
  if (is_study(log)) return noise_of(read_first_norms(log, requested, say), log, options);
  RequestedNorms asked = requested;
  const Table table = read_norm_table(log, asked, say);
  return noise_of(read_norms(table, asked, say), table.name, options);
}

std::vector<LayerNoise> layers_asked_for(const NoiseOfLog& noise, bool are_asked_for,
                                         const std::string& log, const Say& say) {
  if (!are_asked_for) {
    if (!noise.layers.empty()) {
      say(fmt::format("--layers shows each of {} by itself",
                      counted(std::ssize(noise.layers), "parameter")));
    }
    return {};
  }
  if (!noise.layers.empty()) return noise.layers;
  throw InputError("the log has no norms of single parameters", log,
                   "leave --layers out, or log NAME/norm, NAME/pegn and NAME/batch_size of each");
}

}  // namespace etalon::cli

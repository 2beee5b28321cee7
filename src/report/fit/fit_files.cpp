#include "report/fit/fit_files.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include "core/atomic_file.hpp"
#include "core/csv.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSummary = "summary.json";
constexpr const char* kRuns = "runs.csv";
constexpr const char* kCurves = "curves.csv";

std::string metric_name(const FitAnswer& answer) {
  return answer.metric ? answer.metric->column : "loss";
}

double value_of(const FitAnswer& answer, double loss) {
  return answer.metric ? answer.metric->to_value(loss) : loss;
}

// Whether a report was written there before.
bool is_summary(const fs::path& file) {
  std::ifstream input(file, std::ios::binary);
  const auto summary = nlohmann::json::parse(input, nullptr, false);
  return summary.is_object() && summary.contains("groups") && summary.contains("said");
}

bool has_curves(const FitAnswer& answer) { return !answer.curves.empty(); }

void append_run(std::string& text, const FitAnswer& answer, const RunGroup& group,
                const Observation& run) {
  for (const auto& [column, value] : group.key) text += csv_field(value) + ',';
  fmt::format_to(std::back_inserter(text), "{},{},{},{},", run.batch_size, run.lr,
                 run.seed ? fmt::format("{}", *run.seed) : "",
                 run.diverged() ? "diverged" : "finished");
  if (!run.diverged()) text += fmt::format("{}", value_of(answer, *run.loss));
  text += "\r\n";
}

}  // namespace

std::string fit_runs_csv(const FitAnswer& answer) {
  std::string text;
  for (const auto& [column, value] : answer.groups.front().key) text += csv_field(column) + ',';
  text += "batch_size,lr,seed,state," + csv_field(metric_name(answer)) + "\r\n";
  for (const RunGroup& group : answer.groups) {
    for (const Observation& run : group.observations) append_run(text, answer, group, run);
  }
  return text;
}

std::string fit_curves_csv(const FitAnswer& answer) {
  std::string text = "line,step," + csv_field(metric_name(answer)) + "\r\n";
  std::size_t line = 1;  // that of the header
  for (const auto& group : answer.curves) {
    for (const auto& curve : group) {
      ++line;
      for (const CoursePoint& point : curve) {
        fmt::format_to(std::back_inserter(text), "{},{},{}\r\n", line, point.step, point.value);
      }
    }
  }
  return text;
}

void FitFiles::check(const fs::path& source) const {
  std::error_code ignored;
  const bool is_ours = is_summary(directory_ / kSummary);
  for (const fs::path& file :
       {directory_ / kSummary, directory_ / kRuns, directory_ / kCurves, report()}) {
    if (fs::equivalent(file, source, ignored)) {
      throw InputError("the report would take the place of what it is made from", file.string(),
                       fmt::format("name another directory with {}", field_name("out")));
    }
    if (fs::exists(file, ignored) && !is_ours) {
      throw InputError("there is a file already, which is no report's", file.string(),
                       fmt::format("name another directory with {}", field_name("out")));
    }
    check_output(file);
  }
}

void FitFiles::write(const FitAnswer& answer) const {
  write_file_atomically(directory_ / kSummary, fit_json(answer) + '\n');
  write_file_atomically(directory_ / kRuns, fit_runs_csv(answer));
  if (has_curves(answer)) write_file_atomically(directory_ / kCurves, fit_curves_csv(answer));
  write_page(answer, report().filename().string());
}

void FitFiles::write_page(const FitAnswer& answer, const std::string& name) const {
  std::ostringstream page;
  write_fit_page(answer, page);
  write_file_atomically(directory_ / name, page.str());
}

}  // namespace etalon

#include "core/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etalon/report.hpp"

namespace etalon {
namespace {

std::string field(double value) { return std::isfinite(value) ? fmt::format("{}", value) : ""; }

std::string field(std::int64_t value) { return fmt::format("{}", value); }

std::string field(std::uint64_t value) { return fmt::format("{}", value); }

template <typename T>
std::string field(const std::optional<T>& value) {
  return value ? field(*value) : "";
}

void write_line(std::ostream& out, const std::vector<std::string>& fields) {
  std::string_view separator;
  for (const std::string& text : fields) {
    out << separator << text;
    separator = ",";
  }
  out << "\r\n";
}

std::vector<std::string> with_names_of_moved(std::vector<std::string> head) {
  for (const NamedSetting& setting : kMovableSettings) head.emplace_back(setting.name);
  return head;
}

std::vector<std::string> with_moved(std::vector<std::string> line, const MovedSettings& moved) {
  for (const NamedSetting& setting : kMovableSettings) line.push_back(field(moved.*setting.value));
  return line;
}

// Steps of warm-up, by batch size as text, where a program is told of them; else empty.
std::map<std::string, std::string> warmup_steps_of(const StudyResult& result) {
  constexpr std::string_view kSetting = "program.warmup_steps.";
  std::map<std::string, std::string> steps;
  for (const auto& [name, value] : result.workload.settings) {
    if (name.starts_with(kSetting)) steps[name.substr(kSetting.size())] = value;
  }
  return steps;
}

// The column of the objective, under the metric's own name where that is maximized: it then holds
// what the program said.
std::string head_of(const StudyResult& result, const char* otherwise,
                    const std::vector<std::string>& others) {
  if (!result.workload.maximizes) return otherwise;
  const std::string& name = result.workload.objective_name;
  const bool is_taken = std::find(others.begin(), others.end(), name) != others.end();
  return csv_field(is_taken ? "metric" : name);
}

std::string shown_field(const StudyResult& result, const std::optional<double>& objective) {
  return objective ? field(result.workload.shown(*objective)) : "";
}

}  // namespace

void TrialsCsvReporter::report(const StudyResult& result, const Provenance& /*provenance*/,
                               std::ostream& out) const {
  std::vector<std::string> head = with_names_of_moved(
      {"trial", "round", "stage", "batch_size", "lr", "seed", "state", "objective",
       "validation_accuracy", "diverged_step", "steps", "wall_seconds", "message", "train_loss"});
  head[7] = head_of(result, "objective", head);
  const auto warmup_steps = warmup_steps_of(result);
  if (!warmup_steps.empty()) head.emplace_back("warmup_steps");
  write_line(out, head);
  for (const TrialRecord& trial : result.trials) {
    const TrialResult& outcome = trial.result;
    std::vector<std::string> line = with_moved(
        {field(trial.id), field(trial.round), csv_field(to_string(trial.stage)),
         field(trial.spec.batch_size), field(trial.spec.lr), field(trial.spec.seed),
         csv_field(to_string(outcome.state)), shown_field(result, outcome.objective),
         field(outcome.validation_accuracy), field(outcome.diverged_step), field(outcome.steps),
         field(outcome.wall_seconds), csv_field(outcome.message), field(outcome.train_loss)},
        trial.spec.moved);
    const auto warmup = warmup_steps.find(field(trial.spec.batch_size));
    if (!warmup_steps.empty()) line.push_back(warmup == warmup_steps.end() ? "" : warmup->second);
    write_line(out, line);
  }
}

void CurvesCsvReporter::report(const StudyResult& result, const Provenance& /*provenance*/,
                               std::ostream& out) const {
  std::vector<std::string> head =
      with_names_of_moved({"trial", "batch_size", "lr", "seed", "step", "examples", "epoch",
                           "train_loss", "validation_loss", "validation_accuracy"});
  head[8] = head_of(result, "validation_loss", head);
  write_line(out, head);
  for (const TrialRecord& trial : result.trials) {
    for (const CurvePoint& point : trial.result.curve) {
      write_line(
          out,
          with_moved({field(trial.id), field(trial.spec.batch_size), field(trial.spec.lr),
                      field(trial.spec.seed), field(point.step), field(point.examples),
                      field(point.epoch), field(point.train_loss),
                      shown_field(result, point.validation_loss), field(point.validation_accuracy)},
                     trial.spec.moved));
    }
  }
}

}  // namespace etalon

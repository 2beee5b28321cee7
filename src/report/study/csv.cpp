#include "core/csv.hpp"

#include <fmt/format.h>

#include <cmath>
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

}  // namespace

void TrialsCsvReporter::report(const StudyResult& result, const Provenance& /*provenance*/,
                               std::ostream& out) const {
  write_line(out, with_names_of_moved({"trial", "round", "stage", "batch_size", "lr", "seed",
                                       "state", "objective", "validation_accuracy", "diverged_step",
                                       "steps", "wall_seconds", "message"}));
  for (const TrialRecord& trial : result.trials) {
    const TrialResult& outcome = trial.result;
    write_line(
        out,
        with_moved({field(trial.id), field(trial.round), csv_field(to_string(trial.stage)),
                    field(trial.spec.batch_size), field(trial.spec.lr), field(trial.spec.seed),
                    csv_field(to_string(outcome.state)), field(outcome.objective),
                    field(outcome.validation_accuracy), field(outcome.diverged_step),
                    field(outcome.steps), field(outcome.wall_seconds), csv_field(outcome.message)},
                   trial.spec.moved));
  }
}

void CurvesCsvReporter::report(const StudyResult& result, const Provenance& /*provenance*/,
                               std::ostream& out) const {
  write_line(out,
             with_names_of_moved({"trial", "batch_size", "lr", "seed", "step", "examples", "epoch",
                                  "train_loss", "validation_loss", "validation_accuracy"}));
  for (const TrialRecord& trial : result.trials) {
    for (const CurvePoint& point : trial.result.curve) {
      write_line(out,
                 with_moved({field(trial.id), field(trial.spec.batch_size), field(trial.spec.lr),
                             field(trial.spec.seed), field(point.step), field(point.examples),
                             field(point.epoch), field(point.train_loss),
                             field(point.validation_loss), field(point.validation_accuracy)},
                            trial.spec.moved));
    }
  }
}

}  // namespace etalon

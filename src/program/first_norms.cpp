#include "program/first_norms.hpp"

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "etalon/program.hpp"
#include "etalon/store.hpp"
#include "metrics/column_names.hpp"
#include "program/attempt.hpp"
#include "program/line_pattern.hpp"
#include "program/metric_sources.hpp"

namespace etalon {
namespace {

// As the study read its program, but under another name.
SharedPattern pattern_of_study(const StudyFile& study, const std::string& metric) {
  ProgramOptions options;
  options.metric = metric;
  options.pattern = setting_of(study.fingerprint, "program.pattern").value_or("");
  return pattern_of(options);
}

double step_in(std::span<const NamedValue> row) {
  for (const NamedValue& value : row) {
    const auto sense = sense_of(value.name);
    if (sense && sense->role == ColumnRole::steps) return value.value;
  }
  return 0.0;
}

// Of one attempt, from the first of its sources that has it; its spec is left empty.
std::optional<FirstNorm> first_norm(const AttemptFiles& files, const SharedPattern& pattern,
                                    const std::string& metric) {
  std::map<SourceName, FirstNorm> firsts;
  MetricSources sources(
      files, {pattern, {}},
      [&](const SourceName& source, std::span<const NamedValue> row) {
        for (const NamedValue& value : row) {
          if (!same_metric(value.name, metric)) continue;
          firsts.emplace(source, FirstNorm{{}, value.value, step_in(row)});
        }
      },
      [&](const SourceName& source) { firsts.erase(source); });
  sources.finish();
  if (firsts.empty() || !std::isfinite(firsts.begin()->second.norm)) return std::nullopt;
  return firsts.begin()->second;
}

// Of a trial's first attempt that has it: a later one may have gone on where another stopped.
std::optional<FirstNorm> first_norm_of(const TrialRecord& trial,
                                       const std::filesystem::path& trials,
                                       const SharedPattern& pattern, const std::string& metric) {
  for (const AttemptFiles& files : attempts_at(trials, trial.id)) {
    auto norm = first_norm(files, pattern, metric);
    if (!norm) continue;
    norm->spec = trial.spec;
    return norm;
  }
  return std::nullopt;
}

}  // namespace

std::vector<FirstNorm> first_norms(const std::filesystem::path& directory,
                                   const std::string& metric) {
  const StudyFile study = read_study_file(directory / "study.db", Curves::leave_out);
  const SharedPattern pattern = pattern_of_study(study, metric);
  std::map<std::pair<std::int64_t, std::uint64_t>, FirstNorm> found;
  for (const TrialRecord& trial : study.trials) {
    const std::pair at{trial.spec.batch_size, trial.spec.seed};
    if (found.contains(at)) continue;
    const auto norm = first_norm_of(trial, directory / "trials", pattern, metric);
    if (norm) found[at] = *norm;
  }
  std::vector<FirstNorm> norms;
  norms.reserve(found.size());
  for (const auto& [at, norm] : found) norms.push_back(norm);
  return norms;
}

}  // namespace etalon

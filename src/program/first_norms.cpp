#include "program/first_norms.hpp"

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "etalon/store.hpp"
#include "program/attempt.hpp"
#include "program/metric_sources.hpp"

namespace etalon {
namespace {

// Of one attempt, from the first of its sources that has it.
std::optional<double> first_norm(const AttemptFiles& files, const std::string& metric) {
  std::map<SourceName, double> firsts;
  MetricSources sources(
      files, {},
      [&](const SourceName& source, std::span<const NamedValue> row) {
        for (const NamedValue& value : row) {
          if (same_metric(value.name, metric)) firsts.emplace(source, value.value);
        }
      },
      [&](const SourceName& source) { firsts.erase(source); });
  sources.finish();
  if (firsts.empty() || !std::isfinite(firsts.begin()->second)) return std::nullopt;
  return firsts.begin()->second;
}

}  // namespace

std::vector<FirstNorm> first_norms(const std::filesystem::path& directory,
                                   const std::string& metric) {
  const StudyFile study = read_study_file(directory / "study.db", Curves::leave_out);
  std::map<std::pair<std::int64_t, std::uint64_t>, FirstNorm> found;
  for (const TrialRecord& trial : study.trials) {
    const std::pair at{trial.spec.batch_size, trial.spec.seed};
    if (found.contains(at)) continue;
    for (const AttemptFiles& files : attempts_at(directory / "trials", trial.id)) {
      if (const auto norm = first_norm(files, metric)) found[at] = {trial.spec, *norm};
    }
  }
  std::vector<FirstNorm> norms;
  norms.reserve(found.size());
  for (const auto& [at, norm] : found) norms.push_back(norm);
  return norms;
}

}  // namespace etalon

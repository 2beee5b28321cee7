#include "slurm/job_program.hpp"

#include "program/running_attempt.hpp"
#include "slurm/job_runs.hpp"

namespace etalon {

JobProgram::JobProgram(const ProgramOptions& options)
    : options_(options),
      template_(options),
      metric_(watch_metric(options)),
      pattern_(pattern_of(options)) {}

MetricPlaces JobProgram::places_of(std::int64_t trial, const TrialSpec& spec,
                                   const AttemptFiles& files) const {
  return {pattern_, template_.metric_file(trial, spec, files)};
}

AttemptFiles JobProgram::begin_attempt(std::int64_t trial, const TrialSpec& spec) const {
  AttemptFiles files = make_attempt(options_.directory, trial);
  write_launch(files, template_.fill(trial, spec, files, {}));
  return files;
}

std::vector<AttemptFiles> JobProgram::attempts_at(std::int64_t trial) const {
  return etalon::attempts_at(options_.directory, trial);
}

bool JobProgram::is_attempt_at(std::int64_t trial, const TrialSpec& spec,
                               const AttemptFiles& files) const {
  return was_attempt_at(files, template_.fill(trial, spec, files, {}));
}

std::optional<JobProgram::Ended> JobProgram::ended_well(std::int64_t trial,
                                                        const TrialSpec& spec) const {
  for (const AttemptFiles& files : attempts_at(trial)) {
    const int run = last_run(files);
    if (run == 0 || !is_attempt_at(trial, spec, files)) continue;
    auto result = result_of_ended(files_of_run(files, run), metric_, places_of(trial, spec, files),
                                  spec.batch_size);
    if (result) return Ended(files, std::move(*result));
  }
  return std::nullopt;
}

TrialResult JobProgram::result_of(std::int64_t trial, const TrialSpec& spec,
                                  const AttemptFiles& files) const {
  return read_result(files_of_run(files, last_run(files)), metric_, places_of(trial, spec, files),
                     spec.batch_size);
}

std::filesystem::path JobProgram::directory_at(const JobPlace& place) {
  std::vector<AttemptFiles>& attempts = batches_[place.batch];
  if (attempts.empty()) {
    attempts = attempts_of_batch(batch_directory(options_.directory, place.batch));
  }
  const auto index = static_cast<std::size_t>(place.index);
  return index < attempts.size() ? attempts[index].directory : std::filesystem::path();
}

}  // namespace etalon

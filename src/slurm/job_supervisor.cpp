#include "slurm/job_supervisor.hpp"

#include <cstdlib>

#include "etalon/error.hpp"
#include "program/supervisor.hpp"
#include "slurm/job_batch.hpp"
#include "slurm/job_runs.hpp"

namespace etalon {

void supervise_batch(const std::filesystem::path& directory) {
  const char* const index = std::getenv("SLURM_ARRAY_TASK_ID");
  const auto place = static_cast<std::size_t>(index != nullptr ? std::atoll(index) : 0);
  const auto attempts = attempts_of_batch(directory);
  if (place >= attempts.size()) {
    throw InputError("there is no such attempt in the batch", directory.string(),
                     "a study on a cluster calls this");
  }
  const AttemptFiles& attempt = attempts[place];
  if (is_closed(attempt)) return;
  const int run = claim_run(attempt);
  supervise_job(files_of_run(attempt, run), [&] { return is_replaced(attempt, run); });
}

}  // namespace etalon

// Slots inside an allocation: steps of the job that this process runs in.
#include <algorithm>
#include <cstdlib>

#include "etalon/error.hpp"
#include "etalon/slurm.hpp"

namespace etalon {

// One task on one node, and of what the allocation has no more than that needs.
std::vector<std::string> supervisor_in_step(const std::vector<std::string>& supervisor,
                                            const std::vector<std::string>& srun_options) {
  std::vector<std::string> command = {"srun", "--exact", "--nodes=1", "--ntasks=1"};
  if (const char* cpus = std::getenv("SLURM_CPUS_PER_TASK")) {
    command.push_back(std::string("--cpus-per-task=") + cpus);
  }
  for (const std::string& option : srun_options) {
    command.push_back(option.starts_with('-') ? option : "--" + option);
  }
  command.insert(command.end(), supervisor.begin(), supervisor.end());
  return command;
}

std::int64_t tasks_of_allocation() {
  if (std::getenv("SLURM_JOB_ID") == nullptr) {
    throw InputError("this is no allocation of Slurm's (SLURM_JOB_ID is not set)", "",
                     "start the study by sbatch or salloc, or let it submit jobs by --slurm");
  }
  const char* const tasks = std::getenv("SLURM_NTASKS");
  return std::max<std::int64_t>(tasks != nullptr ? std::atoll(tasks) : 1, 1);
}

}  // namespace etalon

// The processes below one: its children and theirs. Linux.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <vector>

namespace etalon {

// The processes that descend from `root`, itself not among them, as they were at one moment. A
// process whose parent died counts below whoever adopted it.
std::vector<pid_t> descendants_of(pid_t root);

// What the supervisor of an attempt sets to the attempt's directory for all that it starts.
inline constexpr const char* kAttemptVariable = "ETALON_ATTEMPT";

// The processes of this user that were started within the attempt in `directory`, its supervisor
// not among them, wherever they are in the tree by now.
std::vector<pid_t> processes_of_attempt(const std::filesystem::path& directory);

// The same of all attempts there are, by their directories.
std::map<std::filesystem::path, std::vector<pid_t>> processes_by_attempt();

// The command of etalon's that supervises the attempt that it is given.
inline constexpr const char* kSuperviseCommand = "supervise";

// The processes that supervise the attempt in `directory`, or wait for one that does (srun).
std::vector<pid_t> supervisors_of(const std::filesystem::path& directory);

}  // namespace etalon

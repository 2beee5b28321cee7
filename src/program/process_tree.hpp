// The processes below one: its children and theirs. Linux.
#pragma once

#include <sys/types.h>

#include <vector>

namespace etalon {

// The processes that descend from `root`, itself not among them, as they were at one moment. A
// process whose parent died counts below whoever adopted it.
std::vector<pid_t> descendants_of(pid_t root);

}  // namespace etalon

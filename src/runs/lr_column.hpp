#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runs/table.hpp"

namespace etalon {

// The column of the learning rate that was set: of several that look like one, that which is never
// below the others, since a schedule's last value is below its setting. What was taken is appended
// to `said`. Empty where no column looks like one.
std::optional<std::string> guess_lr(const Table& table, std::vector<std::string>& said);

}  // namespace etalon

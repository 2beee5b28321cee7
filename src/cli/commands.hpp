// The commands that exist, in the order in which the help shows them.
#pragma once

#include <span>

#include "cli/command.hpp"

namespace etalon::cli {

std::span<const Command> commands();

}  // namespace etalon::cli

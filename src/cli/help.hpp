// The help of a command: what it does, how it is called, and its flags by group, in the order in
// which they were added. Lines end at the terminal's width.
#pragma once

#include <string>

#include "cli/cli11.hpp"
#include "report/text_layout.hpp"

namespace etalon::cli {

// Whether a flag is followed by a value.
bool takes_value(const CLI::Option& option);

std::string help_of(const CLI::App& app, const TextStyle& style);

}  // namespace etalon::cli

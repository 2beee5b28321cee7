// The commands that a study tells its user: how to run it again, and how to go on with it. Both as
// a POSIX shell reads them.
#pragma once

#include <span>
#include <string>

namespace etalon::cli {

// `arguments` begin with the program and the command, and may end with "--" and another program's
// command. `resumed`: the settings, flags or their file, say --resume.

// Runs a study again, from the start and in a directory of its own, for `out` is taken; with
// `model`, a file that the study keeps, where there is one.
std::string reproduction_of(std::span<const std::string> arguments, const std::string& out,
                            bool resumed, const std::string& model = "");

// Goes on with a study.
std::string continuation_of(std::span<const std::string> arguments, bool resumed);

}  // namespace etalon::cli

// The command that runs a study again, wherever it is given: in a directory of its own, for the
// study's own is taken, and from the start.
#pragma once

#include <span>
#include <string>

namespace etalon::cli {

// `arguments` begin with the program and the command; `out` is where the study is, and `resumed`
// whether the settings (flags or their file) say --resume. As a POSIX shell reads it.
std::string reproduction_of(std::span<const std::string> arguments, const std::string& out,
                            bool resumed);

}  // namespace etalon::cli

// A command of the program: its name, what it does in one line, and the function that does it.
//
// A command parses its own arguments (argv[0] is the command's name) and returns an exit code. It
// throws `Error` for what it cannot do; `main` alone turns exceptions into messages and codes.
#pragma once

#include <span>

#include "cli/flag_names.hpp"

namespace etalon::cli {

enum ExitCode : int {
  kDone = 0,
  kFailed = 1,        // the input was fine, the work failed
  kBadInput = 2,      // bad usage or bad input
  kInterrupted = 130  // stopped by a signal, with everything finished so far stored
};

struct Command {
  const char* name;
  const char* description;  // empty: for other commands to call, and shown to nobody
  int (*run)(int argc, const char* const* argv);
  std::span<const FieldFlag> fields;  // whose flags go by other names in this command
};

}  // namespace etalon::cli

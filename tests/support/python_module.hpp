// Whether Debian's Python has a module that is the independent witness, or the writer, of a test.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "support/run_command.hpp"

namespace etalon::testing {

// Without it a test says so and is skipped; but where ETALON_NEED_WITNESSES is set, as in the
// checks that every change must pass, its absence is a failure.
inline bool has_python_module(const std::string& module) {
  const bool has =
      run_command("/usr/bin/python3 -c 'import " + module + "' 2>/dev/null").exit_code == 0;
  if (!has && std::getenv("ETALON_NEED_WITNESSES") != nullptr) {
    ADD_FAILURE() << "python3-" << module << " is needed here and cannot be imported";
  }
  return has;
}

}  // namespace etalon::testing

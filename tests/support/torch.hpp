// Whether Debian's PyTorch is there, the independent witness of several tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>

#include "support/run_command.hpp"

namespace etalon::testing {

// Without it a test says so and is skipped; but where ETALON_NEED_TORCH is set, as in the checks
// that every change must pass, its absence is a failure.
inline bool has_torch() {
  static const bool has =
      run_command("/usr/bin/python3 -c 'import torch' 2>/dev/null").exit_code == 0;
  if (!has && std::getenv("ETALON_NEED_TORCH") != nullptr) {
    ADD_FAILURE() << "python3-torch is needed here and cannot be imported";
  }
  return has;
}

}  // namespace etalon::testing

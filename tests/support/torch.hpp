// Whether Debian's PyTorch is there, the independent witness of several tests.
#pragma once

#include "support/python_module.hpp"

namespace etalon::testing {

inline bool has_torch() {
  static const bool has = has_python_module("torch");
  return has;
}

}  // namespace etalon::testing

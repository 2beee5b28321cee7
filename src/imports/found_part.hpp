// A run, or a part of one, as a reader has found it. Values only.
#pragma once

#include <cstddef>

#include "imports/logged_run.hpp"

namespace etalon {

struct FoundPart {
  LoggedRun part;
  std::size_t reader = 0;  // its place among all readers
};

}  // namespace etalon

// Makes RapidCheck's properties repeatable: include it before anything runs a property. A seed in
// the environment (RC_PARAMS) wins, so that a failure can be explored with another.
#pragma once

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>

namespace etalon::testing {

inline const int kPropertiesAreSeeded =
    setenv("RC_PARAMS", "seed=1404059971706 max_success=200", 0);

}  // namespace etalon::testing

// Ctrl-C as a request: the first SIGINT or SIGTERM asks running work to stop; another one, more
// than a second later, ends the program as usual. One per process, for `main` and its commands.
#pragma once

#include "etalon/stop_flag.hpp"

namespace etalon {

// The flag that the signals set. Installs the handlers at the first call.
const StopFlag& interrupt_flag();

}  // namespace etalon

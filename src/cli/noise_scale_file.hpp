// A noise scale where a flag takes a number: the number, or the file in which it was measured.
#pragma once

#include "cli/cli11.hpp"

namespace etalon::cli {

// To be given to `transform`: the name of a file that `etalon noise --format json` wrote becomes
// the noise scale in it. Refuses a file that is no such answer, and one that leaves it undefined.
CLI::Validator number_or_noise_file();

}  // namespace etalon::cli

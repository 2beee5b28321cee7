// Checks of a flag's text that is one of a few words.
#pragma once

#include <string>
#include <vector>

#include "cli/cli11.hpp"

namespace etalon::cli {

// One of `names`, as it is written there. What is refused is told which was meant: `--format:
// 'jsn' is none of table, json, csv, did you mean json?`
CLI::Validator one_of(std::vector<std::string> names);

// The same in any case; to be given to `transform`, so that the flag has the name as written there.
CLI::Validator one_of_any_case(std::vector<std::string> names);

}  // namespace etalon::cli

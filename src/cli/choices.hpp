// Checks of a flag's text that is one of a few words.
#pragma once

#include <string>
#include <vector>

#include "cli/cli11.hpp"

namespace etalon::cli {

// All are to be given to `transform`: a flag has the name as it is written here, in whatever case
// it is given.

// One of `names`. What is refused is told which was meant: `--format: 'jsn' is none of table, json,
// csv, did you mean json?`
CLI::Validator one_of(std::vector<std::string> names);

// The same of names that whoever takes the flag checks.
CLI::Validator in_any_case(std::vector<std::string> names);

// The same of what stands before a colon, as in mlp:128.
CLI::Validator kind_in_any_case();

}  // namespace etalon::cli

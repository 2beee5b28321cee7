// Checks of a flag's text before it is converted, so that whatever is no number is refused by name
// and value: `--lr: 'abc' is not a number`. Ranges are checked by the options that the flags fill,
// where these name them as the flags do.
#pragma once

#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "core/interval.hpp"

namespace etalon::cli {

// Decimal digits, perhaps after '-', that fit into 64 bits.
CLI::Validator whole_number();

// The same from 0 to 2^64 - 1.
CLI::Validator natural_number();

// A decimal number that fits into a double; also inf and nan, which the options refuse.
CLI::Validator real_number();

// A decimal number in `interval`, which `range` says: `'7' is not from 1 to 3`.
CLI::Validator number_in(const Interval& interval, const std::string& range);

// A batch size, from 1 to 1e15.
CLI::Validator batch_size();

// A coverage of intervals, above 0 and below 1.
CLI::Validator coverage();

// A flag of such numbers, separated by commas.
CLI::Option* add_real_numbers(CLI::App& app, const std::string& flag, std::vector<double>& values,
                              const std::string& what);

}  // namespace etalon::cli

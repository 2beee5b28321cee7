// The flags of `etalon range` that every way of measuring shares, and how its answer is printed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "report/range/range_answer.hpp"

namespace etalon::cli {

struct RangeAnswerFlags {
  std::int64_t restarts = 5;
  std::uint64_t seed = 1;  // of the first restart
  double level = 0.90;
  std::string format = "table";
  bool quiet = false;
};

void add_range_answer_flags(CLI::App& app, RangeAnswerFlags& flags);

// One for each restart, one after the other. Throws InputError for a number that is none.
std::vector<std::uint64_t> seeds_of(const RangeAnswerFlags& flags);

// Prints the answer as the flags want it.
void deliver_range(const RangeAnswer& answer, const RangeAnswerFlags& flags);

}  // namespace etalon::cli

// The flags of `etalon range ... -- COMMAND`, whichever way the command is run: once at each
// learning rate, or once for a whole ramp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/program_flags.hpp"
#include "cli/range_flags.hpp"
#include "range/ramp.hpp"

namespace etalon::cli {

struct ProgramRangeFlags {
  ProgramFlags program;
  RampOptions ramp{.lowest = 1e-5, .highest = 1.0, .steps = 11};  // two rates for each tenfold
  RangeAnswerFlags answer{.restarts = 3};
  std::optional<std::int64_t> batch_size;
  std::string lr_name, out = "etalon-range";
};

void add_program_range_flags(CLI::App& app, ProgramRangeFlags& flags);

// What is run, below --out, with a place for its batch size. Throws InputError where that has none
// and is given, or has one and is not.
ProgramOptions placed_program(const ProgramRangeFlags& flags,
                              const std::vector<std::string>& command);

// The answer without what the runs said.
RangeAnswer answer_about(const ProgramRangeFlags& flags, const ProgramOptions& program);

// On one line of the terminal, which the next one overwrites.
void show_run(std::size_t done, std::size_t all, bool quiet);

// The exit code of runs that were interrupted, which is said.
int say_stopped_runs(std::size_t done, std::size_t all);

// The whole command, for a program that is told {lr_min} and {lr_max}.
int run_ramp_program(const ProgramRangeFlags& flags, const ProgramOptions& program);

}  // namespace etalon::cli

// The flags that say how a program is run as a trial, shared by the commands that do.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/cli11.hpp"
#include "etalon/program.hpp"

namespace etalon::cli {

struct ProgramFlags {
  ProgramOptions program;
  std::string mode, diverged_above = "10";
  std::vector<std::string> environment, slots, gpus;
  std::int64_t jobs = 0, per_gpu = 1;
  std::optional<double> timeout;  // seconds
  double grace = 10.0;            // seconds
};

void add_program_flags(CLI::App& app, ProgramFlags& flags);

// The arguments before the first "--", the command's name among them, and those after it.
struct PartedArguments {
  std::vector<const char*> own;
  std::vector<std::string> command;
};
PartedArguments parted_at_dashes(int argc, const char* const* argv);
bool has_dashes(int argc, const char* const* argv);

// Without a directory for the attempts.
ProgramOptions program_options(const ProgramFlags& flags, const std::vector<std::string>& command);

// "0.02", or "1%", which is 0.01 and a share.
struct NumberOrShare {
  double value = 0.0;
  bool is_share = false;
};
std::optional<NumberOrShare> read_number_or_share(const std::string& text);

// A loss, or a share of the best loss. Throws InputError for neither.
NumberOrShare read_tolerance(const std::string& text);

}  // namespace etalon::cli

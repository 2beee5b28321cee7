// The commands of the program: of each its name, what it does in one line, and the function that
// does it.
//
// A command parses its own arguments (argv[0] is the command's name) and returns an exit code. It
// throws `Error` for what it cannot do; `main` alone turns exceptions into messages and codes.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "cli/cli11.hpp"
#include "cli/flag_names.hpp"

namespace etalon::cli {

enum ExitCode : int {
  kDone = 0,
  kFailed = 1,        // the input was fine, the work failed
  kBadInput = 2,      // bad usage or bad input
  kInterrupted = 130  // stopped by a signal, with everything finished so far stored
};

struct Command {
  const char* name;
  const char* description;  // empty: for other commands to call, and shown to nobody
  int (*run)(int argc, const char* const* argv);
  std::span<const FieldFlag> fields;  // whose flags go by other names in this command
};

// In the order in which the help shows them.
std::span<const Command> commands();

// Parses a command's arguments. Empty: go on. Otherwise the help was asked for and printed, and the
// command should return the code. Throws CLI::ParseError for bad usage.
std::optional<int> parse(CLI::App& app, int argc, const char* const* argv);

int run_scale(int argc, const char* const* argv);
int run_study(int argc, const char* const* argv);
int run_fit(int argc, const char* const* argv);
int run_noise(int argc, const char* const* argv);
int run_range(int argc, const char* const* argv);
int run_suggest(int argc, const char* const* argv);
int run_observe(int argc, const char* const* argv);
int run_train(int argc, const char* const* argv);
int run_bench(int argc, const char* const* argv);
int run_program_range(int argc, const char* const* argv);  // etalon range ... -- COMMAND
int run_program_study(int argc, const char* const* argv);  // etalon study ... -- COMMAND
int run_program_noise(int argc, const char* const* argv);  // etalon noise ... -- COMMAND
int run_report(int argc, const char* const* argv);
int run_watch(int argc, const char* const* argv);
int run_check(int argc, const char* const* argv);
int run_supervise(int argc, const char* const* argv);

// The flags of `run_program_study` and `run_program_noise`.
std::string program_study_help();
std::string program_range_help();
std::string program_noise_help();
// Whether a study of a program, and one of a built-in workload, has the flag.
bool is_of_a_program_study(const std::string& flag);
bool is_of_a_built_in_study(const std::string& flag);

}  // namespace etalon::cli

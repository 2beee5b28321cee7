// The commands that exist, and what they share.
#pragma once

#include <optional>
#include <span>

#include "cli/cli11.hpp"
#include "cli/command.hpp"

namespace etalon::cli {

// In the order in which the help shows them.
std::span<const Command> commands();

// Parses a command's arguments. Empty: go on. Otherwise the help was asked for and printed, and the
// command should return the code. Throws CLI::ParseError for bad usage.
std::optional<int> parse(CLI::App& app, int argc, const char* const* argv);

int run_scale(int argc, const char* const* argv);
int run_study(int argc, const char* const* argv);
int run_fit(int argc, const char* const* argv);
int run_suggest(int argc, const char* const* argv);
int run_observe(int argc, const char* const* argv);
int run_train(int argc, const char* const* argv);
int run_bench(int argc, const char* const* argv);
int run_supervise(int argc, const char* const* argv);

}  // namespace etalon::cli

#include "cli/commands.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

namespace etalon::cli {
namespace {

constexpr Command kCommands[] = {
    {"scale", "move a recipe to another batch size by the published rules", run_scale},
    {"study", "measure the best learning rate per batch size, and where the rules hold", run_study},
    {"fit", "the laws behind your own runs, and learning rates where you have none", run_fit},
    {"suggest", "the next run for a program that trains by itself", run_suggest},
    {"observe", "tell what such a run came to", run_observe},
    {"train", "run one training, from flags or from a recipe", run_train},
    {"bench", "how close the engine runs to the machine's limit", run_bench},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

std::optional<int> parse(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    app.exit(help, std::cout, std::cerr);
    return kDone;
  }
  return std::nullopt;
}

}  // namespace etalon::cli

#include "cli/commands.hpp"

#include "cli/scale.hpp"

namespace etalon::cli {
namespace {

constexpr Command kCommands[] = {
    {"scale", "move a recipe to another batch size by the published rules", run_scale},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace etalon::cli

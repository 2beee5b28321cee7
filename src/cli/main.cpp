// The program: finds the command, runs it, and maps what it throws to an exit code.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <new>
#include <string_view>

#include "cli/commands.hpp"
#include "etalon/error.hpp"
#include "etalon/version.hpp"

namespace etalon::cli {
namespace {

void print_help() {
  fmt::print(
      "etalon: how the learning rate must move when the batch size does\n\n"
      "usage: etalon COMMAND [OPTIONS]\n\n");
  for (const Command& command : commands()) {
    fmt::print("  {:<9} {}\n", command.name, command.description);
  }
  fmt::print("\nEach command explains itself: etalon COMMAND --help\n");
}

int usage_error(std::string_view message) {
  fmt::print(stderr, "etalon: error: {}, see etalon --help\n", message);
  return kBadInput;
}

int dispatch(int argc, char** argv) {
  if (argc < 2) {
    print_help();
    return kBadInput;
  }
  const std::string_view name = argv[1];
  if (name == "--help" || name == "-h" || name == "help") {
    print_help();
    return kDone;
  }
  if (name == "--version") {
    fmt::print("etalon {}\n", version());
    return kDone;
  }
  const auto all = commands();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Command& command) { return command.name == name; });
  if (found == all.end()) return usage_error(fmt::format("there is no command '{}'", name));
  return found->run(argc - 1, argv + 1);
}

int run(int argc, char** argv) {
  try {
    return dispatch(argc, argv);
  } catch (const CLI::Success&) {
    return kDone;
  } catch (const CLI::ParseError& error) {
    return usage_error(error.what());
  } catch (const InputError& error) {
    fmt::print(stderr, "etalon: error: {}\n", error.what());
    return kBadInput;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "etalon: error: out of memory, use fewer --jobs or a smaller batch size\n");
    return kFailed;
  } catch (const std::exception& error) {
    fmt::print(stderr, "etalon: error: {}\n", error.what());
    return kFailed;
  }
}

}  // namespace
}  // namespace etalon::cli

int main(int argc, char** argv) { return etalon::cli::run(argc, argv); }

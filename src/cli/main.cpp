// The program: finds the command, runs it, and maps what it throws to an exit code.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <new>
#include <string>
#include <string_view>

#include "cli/commands.hpp"
#include "cli/standard_streams.hpp"
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

int fail(ExitCode code, std::string_view message) {
  print_message(fmt::format("etalon: error: {}", message));
  return code;
}

std::string command_names() {
  std::string names;
  for (const Command& command : commands()) {
    if (!names.empty()) names += ", ";
    names += command.name;
  }
  return names;
}

int dispatch(int argc, char** argv) {
  if (argc < 2) {
    throw InputError("no command is given", "",
                     fmt::format("use one of {}; etalon --help says more", command_names()));
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
  if (found == all.end()) {
    throw InputError(fmt::format("there is no command '{}'", name), "",
                     fmt::format("use one of {}; etalon --help says more", command_names()));
  }
  return found->run(argc - 1, argv + 1);
}

int run(int argc, char** argv) {
  try {
    const int code = dispatch(argc, argv);
    flush_standard_output();
    return code;
  } catch (const CLI::ParseError& error) {
    return fail(kBadInput, fmt::format("{}, see etalon {} --help", error.what(), argv[1]));
  } catch (const InputError& error) {
    return fail(kBadInput, error.what());
  } catch (const std::bad_alloc&) {
    return fail(kFailed, "out of memory, use fewer --jobs, a smaller batch size or model");
  } catch (const std::exception& error) {
    return fail(kFailed, error.what());
  }
}

}  // namespace
}  // namespace etalon::cli

int main(int argc, char** argv) {
  etalon::cli::prepare_standard_streams();
  return etalon::cli::run(argc, argv);
}

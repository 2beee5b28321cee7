// The program: finds the command, runs it, and maps what it throws to an exit code.
#include <fmt/format.h>
#include <malloc.h>

#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/flag_names.hpp"
#include "cli/standard_streams.hpp"
#include "core/choice.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"
#include "etalon/version.hpp"

namespace etalon::cli {
namespace {

bool is_shown(const Command& command) { return !std::string_view(command.description).empty(); }

void print_help() {
  fmt::print(
      "etalon: how the learning rate must move when the batch size does\n\n"
      "usage: etalon COMMAND [OPTIONS]\n\n");
  for (const Command& command : commands()) {
    if (is_shown(command)) fmt::print("  {:<9} {}\n", command.name, command.description);
  }
  fmt::print("\nEach command explains itself: etalon COMMAND --help\n");
}

int fail(ExitCode code, std::string_view message) {
  print_message(fmt::format("etalon: error: {}", message));
  return code;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    if (is_shown(command)) names.emplace_back(command.name);
  }
  return names;
}

const Command& command_of(std::string_view name) {
  for (const Command& command : commands()) {
    if (command.name == name) return command;
  }
  throw InputError(fmt::format("there is no command '{}'", shortened(name)), "",
                   choose_instead(name, command_names()) + "; etalon --help says more");
}

// Runs the command and says with the names of its flags what it throws.
int run_command(const Command& command, int argc, char** argv) {
  const auto name_of = [&command](std::string_view field) {
    return flag_of(field, command.fields);
  };
  try {
    return command.run(argc, argv);
  } catch (const CLI::ParseError& error) {
    return fail(kBadInput, fmt::format("{}, see etalon {} --help", error.what(), command.name));
  } catch (const InputError& error) {
    return fail(kBadInput, error.message_with(name_of));
  } catch (const Error& error) {
    return fail(kFailed, error.message_with(name_of));
  }
}

int dispatch(int argc, char** argv) {
  if (argc < 2) {
    throw InputError(
        "no command is given", "",
        fmt::format("{}; etalon --help says more", choose_instead("", command_names())));
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
  return run_command(command_of(name), argc - 1, argv + 1);
}

int run(int argc, char** argv) {
  try {
    const int code = dispatch(argc, argv);
    flush_standard_output();
    return code;
  } catch (const InputError& error) {
    return fail(kBadInput, error.what());
  } catch (const std::system_error& error) {
    // Whoever reads a part of the answer has seen what they wanted: `etalon fit runs.csv | head`.
    if (error.code() == std::errc::broken_pipe && reader_has_left()) return kDone;
    return fail(kFailed, error.what());
  } catch (const std::bad_alloc&) {
    return fail(kFailed, "out of memory, use fewer --jobs, a smaller batch size or model");
  } catch (const std::exception& error) {
    return fail(kFailed, error.what());
  }
}

}  // namespace
}  // namespace etalon::cli

namespace {

// A fit makes and drops matrices of some hundred kilobytes by the thousand. By default each is
// asked of the kernel anew, page by page, which takes a fifth of the time.
void keep_what_is_freed() {
  constexpr int kMebibyte = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, 32 * kMebibyte);
  mallopt(M_TRIM_THRESHOLD, 128 * kMebibyte);
}

}  // namespace

int main(int argc, char** argv) {
  keep_what_is_freed();
  etalon::cli::prepare_standard_streams();
  return etalon::cli::run(argc, argv);
}

// etalon check -- COMMAND: a few short runs of a program before hours are spent on it.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>

#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/number_checks.hpp"
#include "cli/program_flags.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"
#include "report/program/check_text.hpp"

namespace etalon::cli {
namespace {

struct CheckFlags {
  ProgramFlags program;
  std::vector<std::int64_t> batch_sizes = {32, 256};
  double lr = 0.001, look = 60.0;
  std::int64_t trials = 24;
  std::string out = "etalon-check";
};

void add_check_flags(CLI::App& app, CheckFlags& flags) {
  const std::string look = "The look";
  app.add_option("--batch-sizes", flags.batch_sizes, "Those of the study to come")
      ->allow_extra_args(false)
      ->check(batch_size())
      ->delimiter(',')
      ->capture_default_str()
      ->group(look);
  app.add_option("--lr", flags.lr, "Learning rate of these runs")
      ->check(real_number())
      ->capture_default_str()
      ->group(look);
  app.add_option("--look", flags.look, "Seconds after which a run has shown enough")
      ->check(real_number())
      ->capture_default_str()
      ->group(look);
  app.add_option("--trials", flags.trials, "Trials of the study to come, for what it will cost")
      ->check(whole_number())
      ->capture_default_str()
      ->group(look);
  app.add_option("--out", flags.out, "Directory of these runs")->capture_default_str()->group(look);
  add_program_flags(app, flags.program);
}

// The flags of the program as they were given, for the study's command.
std::string study_command(const CheckFlags& flags, const ProgramCheck& check,
                          const PartedArguments& arguments) {
  std::string text =
      fmt::format("etalon study --batch-sizes {} --metric {} --trials {}",
                  fmt::join(flags.batch_sizes, ","), shell_quote(check.metric), flags.trials);
  constexpr std::string_view kOfTheCheck[] = {"--batch-sizes", "--metric", "--trials", "--look",
                                              "--out"};
  for (std::size_t i = 1; i < arguments.own.size(); ++i) {
    const std::string_view word(arguments.own[i]);
    const std::string_view name = word.substr(0, word.find('='));
    const bool own =
        std::find(std::begin(kOfTheCheck), std::end(kOfTheCheck), name) != std::end(kOfTheCheck);
    if (own) {
      i += name == word ? 1 : 0;
    } else {
      text += ' ' + shell_quote(std::string(word));
    }
  }
  text += " --";
  for (const std::string& word : arguments.command) text += ' ' + shell_quote(word);
  return text;
}

std::filesystem::path new_directory(const std::string& out) {
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) {
    throw InputError(fmt::format("cannot make the directory ({})", error.message()),
                     fmt::format("--out {}", out), "choose another");
  }
  return std::filesystem::path(out) / fmt::format("{}", getpid());
}

}  // namespace

int run_check(int argc, const char* const* argv) {
  const PartedArguments arguments = parted_at_dashes(argc, argv);
  CLI::App app(
      "Runs your program a few times, shortly, and says whether a study of it makes sense:\nwhich "
      "metrics it prints, what changes them, what a trial costs. Ends with the study's command.",
      "etalon check");
  app.footer("-- COMMAND");
  CheckFlags flags;
  add_check_flags(app, flags);
  if (const auto code = parse(app, static_cast<int>(arguments.own.size()), arguments.own.data())) {
    return *code;
  }
  ProgramCheckOptions options;
  options.program = program_options(flags.program, arguments.command);
  options.batch_sizes = flags.batch_sizes;
  options.lr = flags.lr;
  if (!(flags.look >= 0.1 && flags.look <= 1e6)) {
    throw InputError(fmt::format("--look is {}", flags.look), "", "it must be from 0.1 to 1e6");
  }
  options.look = std::chrono::milliseconds(std::llround(flags.look * 1000));
  options.validate();
  options.program.directory = new_directory(flags.out);
  const ProgramCheck check = check_program(options);
  const StudyToCome study{study_command(flags, check, arguments), flags.trials,
                          static_cast<std::int64_t>(options.program.slots.size())};
  std::cout << check_text(check, study, text_style(stdout));
  return is_ready(check) ? kDone : kFailed;
}

}  // namespace etalon::cli

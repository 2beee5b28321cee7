#include "cli/range_program_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/number_checks.hpp"
#include "cli/run_directory.hpp"
#include "cli/standard_streams.hpp"
#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

void add_rate_flags(CLI::App& app, ProgramRangeFlags& flags) {
  app.option_defaults()->group("What is run");
  app.add_option("--from", flags.ramp.lowest, "The lowest learning rate")
      ->check(real_number())
      ->capture_default_str();
  app.add_option("--to", flags.ramp.highest, "The highest one")
      ->check(real_number())
      ->capture_default_str();
  app.add_option("--rates", flags.ramp.steps, "How many, equal factors apart; of a {lr}")
      ->check(whole_number())
      ->capture_default_str();
  app.add_option("--lr-name", flags.lr_name,
                 "The name under which it prints its learning rate, of {lr_min} and {lr_max}; "
                 "default: lr, learning_rate and the like")
      ->type_name("NAME");
  app.add_option("--batch-size", flags.batch_size, "{batch_size} of all runs")
      ->check(whole_number());
  app.add_option("--out", flags.out, "Directory of these runs")->capture_default_str();
}

// A command in which the batch size has no place is told it where it does not look.
void place_batch_size(ProgramOptions& program, const std::optional<std::int64_t>& batch_size) {
  if (program.mentions("batch_size") || program.mentions("grad_accum")) {
    if (batch_size) return;
    throw InputError("the command has a {batch_size}, but no --batch-size is given", "",
                     "give one: a range is that of one batch size");
  }
  if (batch_size) {
    throw InputError("--batch-size is given, but the command has no {batch_size}", "",
                     "leave it out, or put {batch_size} where the program takes it");
  }
  program.environment.emplace_back("ETALON_BATCH_SIZE", "{batch_size}");
}

}  // namespace

void add_program_range_flags(CLI::App& app, ProgramRangeFlags& flags) {
  add_range_answer_flags(app, flags.answer);
  add_rate_flags(app, flags);
  add_program_flags(app, flags.program);
  app.footer("-- COMMAND");
}

ProgramOptions placed_program(const ProgramRangeFlags& flags,
                              const std::vector<std::string>& command) {
  ProgramOptions program = program_options(flags.program, command);
  place_batch_size(program, flags.batch_size);
  program.directory = run_directory_in(flags.out);
  return program;
}

RangeAnswer answer_about(const ProgramRangeFlags& flags, const ProgramOptions& program) {
  RangeAnswer answer;
  answer.source = fmt::format("{}", fmt::join(program.command, " "));
  answer.batch_size = flags.batch_size.value_or(0);
  answer.level = flags.answer.level;
  answer.ramp = flags.ramp;
  answer.seeds = seeds_of(flags.answer);
  return answer;
}

void show_run(std::size_t done, std::size_t all, bool quiet) {
  if (quiet || isatty(STDERR_FILENO) != 1) return;
  fmt::print(stderr, "\r{}", done < all ? fmt::format("{} of {} runs", done, all) : "\033[K");
}

int say_stopped_runs(std::size_t done, std::size_t all) {
  print_message(fmt::format("etalon: stopped after {} of {} runs", done, all));
  return kInterrupted;
}

}  // namespace etalon::cli

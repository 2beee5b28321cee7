// etalon range ... -- COMMAND: the range of learning rates of any program, by a run at each.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/number_checks.hpp"
#include "cli/program_flags.hpp"
#include "cli/range_flags.hpp"
#include "cli/run_directory.hpp"
#include "cli/standard_streams.hpp"
#include "core/interrupt.hpp"
#include "etalon/error.hpp"
#include "program/rate_runs.hpp"

namespace etalon::cli {
namespace {

constexpr std::int64_t kLeastRates = 5, kMostRates = 1000;  // the least that have landmarks

struct ProgramRangeFlags {
  ProgramFlags program;
  RampOptions ramp{.lowest = 1e-5, .highest = 1.0, .steps = 11};  // two rates for each tenfold
  RangeAnswerFlags answer{.restarts = 3};
  std::optional<std::int64_t> batch_size;
  std::string out = "etalon-range";
};

constexpr const char* kProgramRange =
    "Between which learning rates your own program learns: a short run at each of several.";

void add_rate_flags(CLI::App& app, ProgramRangeFlags& flags) {
  app.option_defaults()->group("What is run");
  app.add_option("--from", flags.ramp.lowest, "The lowest learning rate")
      ->check(real_number())
      ->capture_default_str();
  app.add_option("--to", flags.ramp.highest, "The highest one")
      ->check(real_number())
      ->capture_default_str();
  app.add_option("--rates", flags.ramp.steps, "How many, equal factors apart")
      ->check(whole_number())
      ->capture_default_str();
  app.add_option("--batch-size", flags.batch_size, "{batch_size} of all runs")
      ->check(whole_number());
  app.add_option("--out", flags.out, "Directory of these runs")->capture_default_str();
}

void add_program_range_flags(CLI::App& app, ProgramRangeFlags& flags) {
  add_range_answer_flags(app, flags.answer);
  add_rate_flags(app, flags);
  add_program_flags(app, flags.program);
  app.footer("-- COMMAND");
}

void check_rates(const ProgramRangeFlags& flags) {
  if (flags.ramp.steps < kLeastRates || flags.ramp.steps > kMostRates) {
    throw InputError(fmt::format("--rates is {}", flags.ramp.steps), "",
                     fmt::format("it must be in [{}, {}]", kLeastRates, kMostRates));
  }
  RampOptions ends = flags.ramp;
  ends.steps = RampOptions{}.steps;
  ends.validate();
}

bool names_batch_size(const std::string& text) {
  return text.find("{batch_size}") != std::string::npos ||
         text.find("{grad_accum}") != std::string::npos;
}

// As far as can be seen without reading a template, which may.
bool may_name_batch_size(const ProgramOptions& program) {
  return !program.config.empty() ||
         std::any_of(program.command.begin(), program.command.end(), names_batch_size) ||
         std::any_of(program.environment.begin(), program.environment.end(),
                     [](const auto& variable) { return names_batch_size(variable.second); });
}

// A command in which the batch size has no place is told it where it does not look.
void place_batch_size(ProgramOptions& program, const std::optional<std::int64_t>& batch_size) {
  if (may_name_batch_size(program)) {
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

RateRunOptions rate_run_options(const ProgramRangeFlags& flags,
                                const std::vector<std::string>& command) {
  RateRunOptions options;
  options.program = program_options(flags.program, command);
  place_batch_size(options.program, flags.batch_size);
  options.program.directory = run_directory_in(flags.out);
  options.batch_size = flags.batch_size.value_or(1);
  for (std::int64_t i = 0; i < flags.ramp.steps; ++i) {
    options.lrs.push_back(ramp_lr(flags.ramp, i));
  }
  options.seeds = seeds_of(flags.answer);
  return options;
}

// Up to the first rate that diverged.
RangeCurve curve_of(const RatesOfSeed& runs, const std::vector<double>& lrs) {
  RangeCurve curve;
  for (std::size_t i = 0; i < lrs.size(); ++i) {
    curve.blew_up = !runs.losses[i];
    if (curve.blew_up) break;
    curve.lrs.push_back(lrs[i]);
    curve.losses.push_back(*runs.losses[i]);
  }
  return curve;
}

// The median over the rates of what seeds differ by there; 0 of one seed.
double noise_between(const std::vector<RatesOfSeed>& runs) {
  std::vector<double> deviations = {0.0};
  for (std::size_t i = 0; i < runs.front().losses.size() && runs.size() > 1; ++i) {
    double sum = 0.0, squares = 0.0, count = 0.0;
    for (const RatesOfSeed& each : runs) {
      if (!each.losses[i]) continue;
      count += 1.0, sum += *each.losses[i], squares += *each.losses[i] * *each.losses[i];
    }
    if (count < 2.0) continue;
    deviations.push_back(std::sqrt(std::max(0.0, (squares - sum * sum / count) / (count - 1.0))));
  }
  const auto middle = deviations.begin() + std::ssize(deviations) / 2;
  std::nth_element(deviations.begin(), middle, deviations.end());
  return *middle;
}

RangeAnswer answer_of_rates(const std::vector<RatesOfSeed>& runs, const RateRunOptions& options,
                            const ProgramRangeFlags& flags) {
  RangeAnswer answer;
  answer.source = fmt::format("{}", fmt::join(options.program.command, " "));
  answer.batch_size = flags.batch_size.value_or(0);
  answer.level = flags.answer.level;
  answer.ramp = flags.ramp;
  answer.one_run_each = true;
  answer.seeds = options.seeds;
  for (const RatesOfSeed& each : runs) answer.curves.push_back(curve_of(each, options.lrs));
  answer.reading = {.width = 0.0, .noise = noise_between(runs)};
  answer.summary = summarize(answer.curves, answer.level, answer.reading);
  return answer;
}

// On one line of the terminal, which the next one overwrites.
void show_run(std::size_t done, std::size_t all, bool quiet) {
  if (quiet || isatty(STDERR_FILENO) != 1) return;
  fmt::print(stderr, "\r{}", done < all ? fmt::format("{} of {} runs", done, all) : "\033[K");
}

}  // namespace

std::string program_range_help() {
  CLI::App app(kProgramRange, "etalon range");
  ProgramRangeFlags flags;
  add_program_range_flags(app, flags);
  return help_of(app, text_style(stdout));
}

int run_program_range(int argc, const char* const* argv) {
  const PartedArguments parted = parted_at_dashes(argc, argv);
  CLI::App app(kProgramRange, "etalon range");
  ProgramRangeFlags flags;
  add_program_range_flags(app, flags);
  if (const auto code = parse(app, static_cast<int>(parted.own.size()), parted.own.data())) {
    return *code;
  }
  check_rates(flags);
  const RateRunOptions options = rate_run_options(flags, parted.command);
  const std::size_t all = options.lrs.size() * options.seeds.size();
  std::size_t done = 0;
  const auto runs = run_at_rates(
      options, [&] { show_run(++done, all, flags.answer.quiet); }, interrupt_flag());
  if (!runs) {
    print_message(fmt::format("etalon: stopped after {} of {} runs", done, all));
    return kInterrupted;
  }
  deliver_range(answer_of_rates(*runs, options, flags), flags.answer);
  return kDone;
}

}  // namespace etalon::cli

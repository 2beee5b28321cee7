// etalon range ... -- COMMAND with {lr_min} and {lr_max}: runs in which the learning rate rises.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/commands.hpp"
#include "cli/range_program_flags.hpp"
#include "core/interrupt.hpp"
#include "core/interval.hpp"
#include "core/plain_number.hpp"
#include "etalon/error.hpp"
#include "program/ramp_runs.hpp"
#include "range/logged_ramp.hpp"

namespace etalon::cli {
namespace {

// How many steps a program is told that asks, where nothing says it.
constexpr std::int64_t kStepsOfRamp = 100;

RampRunOptions ramp_run_options(const ProgramRangeFlags& flags, const ProgramOptions& program) {
  RampRunOptions options;
  options.program = program;
  options.program.rising_lr = {flags.ramp.lowest, flags.ramp.highest};
  const bool asks = program.mentions("steps") && !program.steps && !program.examples;
  if (asks) options.program.steps = kStepsOfRamp;
  options.lr_name = flags.lr_name;
  options.batch_size = flags.batch_size.value_or(1);
  options.seeds = seeds_of(flags.answer);
  return options;
}

// As the program is told it; of no steps where it is not told how many.
RampOptions told_ramp(const RampRunOptions& options, const ProgramRangeFlags& flags) {
  RampOptions ramp = flags.ramp;
  ramp.steps = kStepsOfRamp;
  ramp.validate();
  const auto& steps = options.program.steps;
  if (steps) check_in("--steps", static_cast<double>(*steps), {.least = 10.0, .most = 1e6});
  ramp.steps = options.program.mentions("steps") ? steps.value_or(0) : 0;
  return ramp;
}

// The latest beginning, as a share of the ramp: a log of every tenth step begins before it. What
// begins later says where the loss falls from there, not from the lowest rate on.
constexpr double kLatestBegin = 0.2;

void check_begin(const RampOfSeed& run, const RampOptions& logged) {
  const double first = run.steps.front().lr;
  if (place_on_ramp(first, logged) <= kLatestBegin) return;
  throw InputError(fmt::format("the run with seed {} has learning rates from {} on, and was told "
                               "to begin at {}",
                               run.seed, rounded_number(first, 4), plain_number(logged.lowest)),
                   "", "let its ramp begin at {lr_min}, and print it from there on");
}

struct LoggedCurve {
  RangeCurve curve;
  RampOptions ramp;
};

LoggedCurve logged_curve_of(const RampOfSeed& run, const RampOptions& told) {
  std::vector<double> lrs, losses;
  for (const StepOfRamp& each : run.steps) {
    lrs.push_back(each.lr);
    losses.push_back(each.loss);
  }
  const RampOptions logged = logged_ramp(lrs, told);
  check_begin(run, logged);
  return {logged_curve(lrs, losses, told), logged};
}

RangeAnswer answer_of_ramps(const std::vector<RampOfSeed>& runs, const RampRunOptions& options,
                            const ProgramRangeFlags& flags) {
  RangeAnswer answer = answer_about(flags, options.program);
  answer.is_logged = true;
  answer.ramp = told_ramp(options, flags);
  RampOptions longest{.steps = 0};
  for (const RampOfSeed& run : runs) {
    LoggedCurve logged = logged_curve_of(run, answer.ramp);
    answer.curves.push_back(std::move(logged.curve));
    if (logged.ramp.steps > longest.steps) longest = logged.ramp;
  }
  answer.ramp.is_linear = longest.is_linear;
  answer.reading = reading_of(longest);
  answer.summary = summarize(answer.curves, answer.level, answer.reading);
  return answer;
}

}  // namespace

int run_ramp_program(const ProgramRangeFlags& flags, const ProgramOptions& program) {
  const RampRunOptions options = ramp_run_options(flags, program);
  told_ramp(options, flags);
  std::size_t done = 0;
  const std::size_t all = options.seeds.size();
  const auto runs = run_ramps(
      options, [&] { show_run(++done, all, flags.answer.quiet); }, interrupt_flag());
  if (!runs) return say_stopped_runs(done, all);
  deliver_range(answer_of_ramps(*runs, options, flags), flags.answer);
  return kDone;
}

}  // namespace etalon::cli

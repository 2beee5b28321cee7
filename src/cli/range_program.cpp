// etalon range ... -- COMMAND: the range of learning rates of any program, by a run at each, or by
// runs in which it rises.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/program_flags.hpp"
#include "cli/range_flags.hpp"
#include "cli/range_program_flags.hpp"
#include "cli/standard_streams.hpp"
#include "core/interrupt.hpp"
#include "etalon/error.hpp"
#include "program/rate_runs.hpp"

namespace etalon::cli {
namespace {

constexpr std::int64_t kLeastRates = 5, kMostRates = 1000;  // the least that have landmarks

constexpr const char* kProgramRange =
    "Between which learning rates your own program learns: a short run at each of several {lr},\n"
    "or one whose learning rate rises from {lr_min} to {lr_max} in {steps}.";

void check_rates(const ProgramRangeFlags& flags) {
  if (flags.ramp.steps < kLeastRates || flags.ramp.steps > kMostRates) {
    throw InputError(fmt::format("--rates is {}", flags.ramp.steps), "",
                     fmt::format("it must be in [{}, {}]", kLeastRates, kMostRates));
  }
  RampOptions ends = flags.ramp;
  ends.steps = RampOptions{}.steps;
  ends.validate();
}

RateRunOptions rate_run_options(const ProgramRangeFlags& flags, const ProgramOptions& program) {
  RateRunOptions options;
  options.program = program;
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
    curve.blew_up_at = lrs[i];
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
  RangeAnswer answer = answer_about(flags, options.program);
  answer.one_run_each = true;
  for (const RatesOfSeed& each : runs) answer.curves.push_back(curve_of(each, options.lrs));
  answer.reading = {.width = 0.0, .noise = noise_between(runs)};
  answer.summary = summarize(answer.curves, answer.level, answer.reading);
  return answer;
}

// A command that is told the ends of a ramp makes it by itself.
bool takes_ramp(const ProgramOptions& program) {
  return program.mentions("lr_min") || program.mentions("lr_max");
}

void check_flags_of(bool ramp, const CLI::App& app) {
  const char* unused = ramp ? "--rates" : "--lr-name";
  if (app.count(unused) == 0) return;
  throw InputError(fmt::format("{} is given, but the command {}", unused,
                               ramp ? "has a {lr_min} or {lr_max}, and makes its own ramp"
                                    : "has neither {lr_min} nor {lr_max}"),
                   "", ramp ? "leave it out; --steps says how many" : "leave it out");
}

int run_rates_program(const ProgramRangeFlags& flags, const ProgramOptions& program) {
  check_rates(flags);
  const RateRunOptions options = rate_run_options(flags, program);
  const std::size_t all = options.lrs.size() * options.seeds.size();
  std::size_t done = 0;
  const auto runs = run_at_rates(
      options, [&] { show_run(++done, all, flags.answer.quiet); }, interrupt_flag());
  if (!runs) return say_stopped_runs(done, all);
  deliver_range(answer_of_rates(*runs, options, flags), flags.answer);
  return kDone;
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
  const ProgramOptions program = placed_program(flags, parted.command);
  const bool ramp = takes_ramp(program);
  check_flags_of(ramp, app);
  return ramp ? run_ramp_program(flags, program) : run_rates_program(flags, program);
}

}  // namespace etalon::cli

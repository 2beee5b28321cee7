// etalon range: between which learning rates a training learns, by a ramp of a few steps.
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/number_checks.hpp"
#include "cli/own_model.hpp"
#include "cli/program_flags.hpp"
#include "cli/range_flags.hpp"
#include "cli/standard_streams.hpp"
#include "cli/training_flags.hpp"
#include "core/interrupt.hpp"
#include "etalon/error.hpp"
#include "optim/stability_limit.hpp"
#include "train/range_run.hpp"

namespace etalon::cli {
namespace {

struct RangeFlags {
  TrainingFlags training;
  RangeRunOptions run;
  RangeAnswerFlags answer;
  std::string ramp = "exponential";
};

void add_ramp_flags(CLI::App& app, RangeFlags& flags) {
  RampOptions& ramp = flags.run.ramp;
  app.option_defaults()->group("The ramp");
  app.add_option("--from", ramp.lowest, "Learning rate of the first step")
      ->check(real_number())
      ->capture_default_str();
  app.add_option("--to", ramp.highest, "Learning rate of the last one")
      ->check(real_number())
      ->capture_default_str();
  app.add_option("--ramp-steps", ramp.steps, "Updates, each with a higher learning rate")
      ->check(whole_number())
      ->capture_default_str();
  app.add_option("--ramp", flags.ramp, "How it rises: exponential or linear")
      ->transform(one_of({"exponential", "linear"}))
      ->capture_default_str();
  app.add_option("--stop-factor", ramp.stop_factor,
                 "Stop where the average of the losses is above so many times its least")
      ->check(real_number())
      ->capture_default_str();
  app.add_option("--smoothing", ramp.smoothing, "Of that average: the share of what was before")
      ->check(real_number())
      ->capture_default_str();
  app.add_option("--batch-size", flags.run.batch_size, "Examples per update")
      ->check(whole_number())
      ->capture_default_str();
  app.add_option("--micro-batch", flags.run.micro_batch,
                 "Examples in one pass; an update's learning rate is that of all of them")
      ->check(whole_number());
}

void add_range_flags(CLI::App& app, RangeFlags& flags) {
  add_range_answer_flags(app, flags.answer);
  add_ramp_flags(app, flags);
  add_data_flags(app, flags.training);
  for (const char* of_evaluations : {"--objective", "--validation-size"}) {
    app.remove_option(app.get_option(of_evaluations));
  }
  add_optimizer_flag(app, flags.training);
  add_optimizer_settings(app, flags.training);
  app.remove_option(app.get_option("--ema"));
}

RangeRunOptions range_run_options(const RangeFlags& flags) {
  RangeRunOptions options = flags.run;
  options.training = update_options(flags.training);
  keep_layers(options.training);
  options.ramp.is_linear = flags.ramp == "linear";
  options.validate();
  return options;
}

// On one line of the terminal, which the next one overwrites.
void show_restart(std::size_t done, std::size_t all, bool quiet) {
  if (quiet || isatty(STDERR_FILENO) != 1) return;
  fmt::print(stderr, "\r{}",
             done < all ? fmt::format("restart {} of {}", done + 1, all) : "\033[K");
}

// λ_max of one restart, where there is an optimizer that it limits and it was found.
void add_stable_lrs(const TrainingData& data, const RangeRunOptions& options, std::uint64_t seed,
                    const RangeLandmarks& landmarks, const StabilityLimit& limit,
                    std::vector<double>& at_start, std::vector<double>& at_least) {
  const auto steps = static_cast<std::int64_t>(landmarks.least_at);
  const auto start = sharpness_after(data, options, seed, 0, interrupt_flag());
  const auto least = sharpness_after(data, options, seed, steps, interrupt_flag());
  if (!start || !least || !(start->value > 0.0) || !(least->value > 0.0)) return;
  at_start.push_back(limit.product / start->value);
  at_least.push_back(limit.product / least->value);
}

std::optional<RangeSharpness> sharpness_of(const TrainingData& data, const RangeRunOptions& options,
                                           const RangeAnswer& answer) {
  const auto limit = stability_limit(options.training.optimizer);
  if (!limit) return std::nullopt;
  std::vector<double> at_start, at_least;
  for (std::size_t i = 0; i < answer.curves.size(); ++i) {
    const auto landmarks = landmarks_of(answer.curves[i], answer.reading);
    if (interrupt_flag().requested()) break;
    if (!landmarks) continue;
    add_stable_lrs(data, options, answer.seeds[i], *landmarks, *limit, at_start, at_least);
  }
  if (at_start.empty()) return std::nullopt;
  return RangeSharpness{*limit, ranged(at_start, answer.level), ranged(at_least, answer.level)};
}

void say_stopped(const RangeAnswer& answer) {
  print_message(fmt::format("etalon: stopped after {} of {} restarts", answer.curves.size(),
                            answer.seeds.size()));
}

// Empty where it was interrupted.
std::optional<RangeAnswer> measure_range(const RangeRunOptions& options, const RangeFlags& flags) {
  const TrainingData data = load_training_data(options.training);
  options.training.check_fits(options.batch_size, data.size());
  RangeAnswer answer;
  answer.source = fmt::format("{}, {}, {}", options.training.dataset, data.model.name,
                              options.training.optimizer.name);
  answer.batch_size = options.batch_size;
  answer.level = flags.answer.level;
  answer.ramp = options.ramp;
  answer.reading = reading_of(options.ramp);
  answer.seeds = seeds_of(flags.answer);
  for (const std::uint64_t seed : answer.seeds) {
    show_restart(answer.curves.size(), answer.seeds.size(), flags.answer.quiet);
    auto curve = run_ramp(data, options, seed, interrupt_flag());
    if (!curve) break;
    answer.curves.push_back(*std::move(curve));
  }
  if (!interrupt_flag().requested()) answer.sharpness = sharpness_of(data, options, answer);
  show_restart(answer.seeds.size(), answer.seeds.size(), flags.answer.quiet);
  if (interrupt_flag().requested()) {
    say_stopped(answer);
    return std::nullopt;
  }
  answer.summary = summarize(answer.curves, answer.level, answer.reading);
  return answer;
}

}  // namespace

int run_range(int argc, const char* const* argv) {
  if (has_dashes(argc, argv)) return run_program_range(argc, argv);
  CLI::App app("Between which learning rates a training learns, by ramps of a few steps.",
               "etalon range");
  RangeFlags flags;
  add_range_flags(app, flags);
  if (const auto code = parse(app, argc, argv)) {
    std::cout << "\n" << program_range_help();
    return *code;
  }
  const auto answer = measure_range(range_run_options(flags), flags);
  if (!answer) return kInterrupted;
  deliver_range(*answer, flags.answer);
  return kDone;
}

}  // namespace etalon::cli

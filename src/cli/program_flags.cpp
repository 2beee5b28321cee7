#include "cli/program_flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "cli/choices.hpp"
#include "cli/number_checks.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"

namespace etalon::cli {
namespace {

void add_metric_flags(CLI::App& app, ProgramFlags& flags) {
  const std::string group = "Your program";
  app.add_option("--metric", flags.program.metric, "The name under which it prints its result")
      ->group(group);
  app.add_option("--mode", flags.mode, "Whether less or more of it is better; default by its name")
      ->transform(one_of({"min", "max"}))
      ->group(group);
  app.add_option("--diverged-above", flags.diverged_above,
                 "A loss above so many times its first value has diverged; off: only NaN and inf")
      ->capture_default_str()
      ->type_name("FACTOR")
      ->group(group);
  app.add_option("--metric-file", flags.program.metric_file,
                 "A file or directory that it writes, as {out}/metrics.csv; default: what it "
                 "prints, and CSV, JSON lines and event files in {out}")
      ->type_name("PATH")
      ->group(group);
  app.add_option("--pattern", flags.program.pattern,
                 "Expression for its lines, as 'acc (?<metric>[0-9.]+) at (?<step>[0-9]+)'")
      ->type_name("REGEX")
      ->group(group);
}

void add_training_length_flags(CLI::App& app, ProgramFlags& flags) {
  const std::string group = "Your program";
  app.add_option("--examples", flags.program.examples,
                 "What a trial spends: {examples}, and {steps} at each batch size")
      ->check(whole_number())
      ->group(group);
  app.add_option("--epochs", flags.program.epochs, "The same as {epochs}")
      ->check(whole_number())
      ->group(group);
  app.add_option("--steps", flags.program.steps, "The same as {steps}, at every batch size")
      ->check(whole_number())
      ->group(group);
  app.add_option("--micro-batch", flags.program.micro_batch_size,
                 "Examples in one pass: {micro_batch_size}, and {grad_accum} passes a step")
      ->check(whole_number())
      ->group(group);
  app.add_option("--replicas", flags.program.replicas, "Processes that share a batch")
      ->check(whole_number())
      ->capture_default_str()
      ->group(group);
}

void add_surroundings_flags(CLI::App& app, ProgramFlags& flags) {
  const std::string group = "Your program";
  app.add_option("--env", flags.environment, "NAME=VALUE with placeholders; may be repeated")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--unset", flags.program.unset,
                 "Variables to take out of its environment, as 'SLURM_*'; may be repeated")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--config", flags.program.config,
                 "Template of a file; {config} is the name of its filled copy")
      ->group(group);
}

void add_slot_flags(CLI::App& app, ProgramFlags& flags) {
  const std::string group = "Where it runs";
  app.add_option("--jobs", flags.jobs, "Trials side by side; default 1, or one per slot")
      ->check(number_in({.least = 1.0}, "at least 1"))
      ->check(whole_number())
      ->group(group);
  app.add_option("--gpus", flags.gpus, "GPUs, each trial on one (CUDA_VISIBLE_DEVICES)")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->group(group);
  app.add_option("--per-gpu", flags.per_gpu, "Trials that share a GPU")
      ->check(whole_number())
      ->capture_default_str()
      ->group(group);
  app.add_option("--slot", flags.slots, "NAME=VALUE of one slot for a trial; may be repeated")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--timeout", flags.timeout, "Seconds after which a trial is stopped as failed")
      ->check(real_number())
      ->group(group);
  app.add_option("--grace", flags.grace, "Seconds from asking it to stop to killing it")
      ->check(real_number())
      ->capture_default_str()
      ->group(group);
}

std::pair<std::string, std::string> setting_in(const std::string& text, std::string_view flag) {
  const std::size_t equals = text.find('=');
  if (equals != std::string::npos && equals > 0) {
    return {text.substr(0, equals), text.substr(equals + 1)};
  }
  throw InputError(fmt::format("{} is '{}'", flag, shortened(text)), "", "write NAME=VALUE");
}

std::chrono::milliseconds milliseconds_of(double seconds, const char* flag, double least) {
  constexpr double kMost = 1e9;
  if (seconds >= least && seconds <= kMost) {
    return std::chrono::milliseconds(std::llround(seconds * 1000.0));
  }
  throw InputError(fmt::format("{} is {}", flag, seconds), "",
                   fmt::format("it must be from {:g} to {:g} seconds", least, kMost));
}

void refuse_both(bool one, bool other, const char* flags) {
  if (!one || !other) return;
  throw InputError(fmt::format("{} are both given", flags), "", "give one");
}

std::optional<double> ceiling_of(const std::string& text) {
  if (text == "off") return std::nullopt;
  double factor = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
  if (error == std::errc{} && end == text.data() + text.size()) return factor;
  throw InputError(fmt::format("--diverged-above is '{}'", shortened(text)), "",
                   "give a factor above 1, or off");
}

void refuse_twice(const std::vector<std::string>& gpus) {
  for (const std::string& gpu : gpus) {
    if (std::count(gpus.begin(), gpus.end(), gpu) == 1) continue;
    throw InputError(fmt::format("--gpus names {} twice", shortened(gpu)), "",
                     "name each once; --per-gpu 2 lets two trials share each");
  }
}

std::vector<Slot> slots_of(const ProgramFlags& flags) {
  refuse_both(!flags.gpus.empty(), !flags.slots.empty(), "--gpus and --slot");
  if (flags.gpus.empty() && flags.per_gpu != 1) {
    throw InputError("--per-gpu is given without --gpus", "", "name the GPUs: --gpus 0,1");
  }
  if (std::count(flags.gpus.begin(), flags.gpus.end(), "") > 0 || flags.per_gpu < 1) {
    throw InputError("--gpus names none, or --per-gpu is below 1", "", "write --gpus 0,1");
  }
  refuse_twice(flags.gpus);
  std::vector<Slot> slots;
  for (const std::string& slot : flags.slots) slots.push_back({setting_in(slot, "--slot")});
  for (std::int64_t share = 0; share < flags.per_gpu; ++share) {
    for (const std::string& gpu : flags.gpus) slots.push_back({{"CUDA_VISIBLE_DEVICES", gpu}});
  }
  const auto jobs = static_cast<std::size_t>(std::clamp<std::int64_t>(flags.jobs, 0, 10'000));
  if (slots.empty()) slots.resize(std::max<std::size_t>(jobs, 1));
  if (jobs > 0 && jobs < slots.size()) slots.resize(jobs);
  return slots;
}

}  // namespace

void add_program_flags(CLI::App& app, ProgramFlags& flags) {
  add_metric_flags(app, flags);
  add_training_length_flags(app, flags);
  add_surroundings_flags(app, flags);
  add_slot_flags(app, flags);
}

bool has_dashes(int argc, const char* const* argv) {
  return std::find(argv, argv + argc, std::string_view("--")) != argv + argc;
}

PartedArguments parted_at_dashes(int argc, const char* const* argv) {
  const auto* const end = argv + argc;
  const auto* const dashes = std::find(argv, end, std::string_view("--"));
  PartedArguments parted;
  parted.own.assign(argv, dashes);
  if (dashes != end) parted.command.assign(dashes + 1, end);
  return parted;
}

ProgramOptions program_options(const ProgramFlags& flags, const std::vector<std::string>& command) {
  ProgramOptions program = flags.program;
  program.command = command;
  for (const std::string& text : flags.environment) {
    program.environment.push_back(setting_in(text, "--env"));
  }
  if (!flags.mode.empty()) {
    program.direction = flags.mode == "max" ? MetricDirection::maximize : MetricDirection::minimize;
  }
  program.diverged_above = ceiling_of(flags.diverged_above);
  program.slots = slots_of(flags);
  program.grace = milliseconds_of(flags.grace, "--grace", 0.0);
  if (flags.timeout) program.limit = milliseconds_of(*flags.timeout, "--timeout", 0.001);
  program.supervisor = {"/proc/self/exe", "supervise"};
  return program;
}

std::optional<NumberOrShare> read_number_or_share(const std::string& text) {
  const bool is_share = text.ends_with('%');
  const std::string number = text.substr(0, text.size() - (is_share ? 1 : 0));
  double value = 0.0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  const bool is_whole = error == std::errc{} && end == number.data() + number.size();
  if (!is_whole) return std::nullopt;
  return NumberOrShare{is_share ? value / 100.0 : value, is_share};
}

NumberOrShare read_tolerance(const std::string& text) {
  if (const auto read = read_number_or_share(text)) return *read;
  throw InputError(fmt::format("--tolerance is '{}'", shortened(text)), "",
                   "give a loss, as 0.02, or a share of the best loss, as 1%");
}

}  // namespace etalon::cli

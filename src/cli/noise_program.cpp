// etalon noise ... -- COMMAND: the noise scale of any program, from its own gradient norms.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/noise_answer_flags.hpp"
#include "cli/number_checks.hpp"
#include "cli/program_flags.hpp"
#include "cli/run_directory.hpp"
#include "cli/standard_streams.hpp"
#include "core/interrupt.hpp"
#include "core/text.hpp"
#include "program/norm_runs.hpp"

namespace etalon::cli {
namespace {

struct ProgramNoiseFlags {
  ProgramFlags program;
  NormRunOptions runs;
  NoiseAnswerFlags answer;
  std::string norms = "plain", out = "etalon-noise";
};

void add_norm_run_flags(CLI::App& app, ProgramNoiseFlags& flags) {
  app.option_defaults()->group("What is measured");
  app.add_option("--batch-sizes", flags.runs.batch_sizes,
                 "Batch sizes to run it at, eight times apart or so: 32,256,2048")
      ->required()
      ->allow_extra_args(false)
      ->delimiter(',')
      ->check(batch_size());
  app.add_option("--count", flags.runs.count, "Gradient norms of each run, which then is stopped")
      ->check(whole_number())
      ->capture_default_str();
  app.add_option("--norms", flags.norms, "Whether it prints them squared or plain")
      ->capture_default_str()
      ->transform(one_of({"squared", "plain"}));
  app.add_option("--seed", flags.runs.seed, "{seed} of all runs: the same initial weights")
      ->check(natural_number())
      ->capture_default_str();
  app.add_option("--out", flags.out, "Directory of these runs")->capture_default_str();
}

constexpr const char* kProgramNoise =
    "The gradient noise scale of your own program: runs it at several batch sizes for a few "
    "steps,\nat a learning rate that moves nothing, and reads the gradient norms that it prints.";

void add_program_noise_flags(CLI::App& app, ProgramNoiseFlags& flags) {
  flags.program.program.metric = "grad_norm";
  flags.program.diverged_above = "off";
  add_norm_run_flags(app, flags);
  add_program_flags(app, flags.program);
  for (const char* of_losses : {"--mode", "--diverged-above"}) {
    app.remove_option(app.get_option(of_losses));
  }
  app.get_option("--metric")
      ->description("The name under which it prints its gradient norm, before clipping")
      ->capture_default_str();
  app.get_option("--steps")->description("{steps}; default as many as --count");
  add_noise_answer_flags(app, flags.answer);
  app.footer("-- COMMAND");
}

NormRunOptions norm_run_options(const ProgramNoiseFlags& flags,
                                const std::vector<std::string>& command) {
  NormRunOptions options = flags.runs;
  options.program = program_options(flags.program, command);
  options.program.direction = MetricDirection::minimize;
  const ProgramOptions& program = options.program;
  if (!program.steps && !program.examples) options.program.steps = options.count;
  options.program.directory = run_directory_in(flags.out);
  return options;
}

// On one line of the terminal, which the next one overwrites.
class NormProgress {
 public:
  NormProgress(const NormRunOptions& options, bool quiet)
      : total_(options.count * std::ssize(options.batch_sizes)),
        shows_(!quiet && isatty(STDERR_FILENO) == 1) {}
  ~NormProgress() {
    if (shows_) std::fputs("\r\033[K", stderr);
  }
  NormProgress(const NormProgress&) = delete;
  NormProgress& operator=(const NormProgress&) = delete;

  void count() {
    ++done_;
    if (!shows_) return;
    const std::string text = fmt::format("\r{} of {} gradient norms", done_, total_);
    std::fwrite(text.data(), 1, text.size(), stderr);
  }

 private:
  std::int64_t total_, done_ = 0;
  bool shows_;
};

std::vector<BatchNorm> to_batch_norms(const std::vector<NormsOfRun>& runs, bool are_squared) {
  std::vector<BatchNorm> norms;
  for (const NormsOfRun& run : runs) {
    for (const double norm : run.norms) {
      norms.push_back({static_cast<double>(run.batch_size), squared_norm(norm, are_squared)});
    }
  }
  return norms;
}

NoiseAnswer answer_of_runs(const std::vector<NormsOfRun>& runs, const ProgramNoiseFlags& flags,
                           const std::vector<std::string>& command) {
  NoiseAnswer answer;
  answer.source = fmt::format("{}", fmt::join(command, " "));
  answer.lr = flags.answer.lr;
  answer.batch_size = flags.answer.batch_size;
  const SingleLog log{to_batch_norms(runs, flags.norms == "squared")};
  answer.noise = noise_of(log, shortened(answer.source), {.level = flags.answer.level});
  return answer;
}

}  // namespace

std::string program_noise_help() {
  CLI::App app(kProgramNoise, "etalon noise");
  ProgramNoiseFlags flags;
  add_program_noise_flags(app, flags);
  return help_of(app, text_style(stdout));
}

int run_program_noise(int argc, const char* const* argv) {
  const PartedArguments parted = parted_at_dashes(argc, argv);
  CLI::App app(kProgramNoise, "etalon noise");
  ProgramNoiseFlags flags;
  add_program_noise_flags(app, flags);
  if (const auto code = parse(app, static_cast<int>(parted.own.size()), parted.own.data())) {
    return *code;
  }
  check_noise_answer_flags(flags.answer, {});
  need_lr_with_batch_size(flags.answer);
  const StopFlag& stop = interrupt_flag();
  const NormRunOptions options = norm_run_options(flags, parted.command);
  const auto runs = [&] {
    NormProgress progress(options, flags.answer.quiet);
    return run_for_norms(
        options, [&](const NormsOfRun&) { progress.count(); }, stop);
  }();
  if (!runs) {
    print_message("etalon: stopped; what the runs printed so far is in " +
                  options.program.directory.string());
    return kInterrupted;
  }
  deliver_noise(answer_of_runs(*runs, flags, parted.command), flags.answer);
  return kDone;
}

}  // namespace etalon::cli

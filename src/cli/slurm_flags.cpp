#include "cli/slurm_flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/standard_streams.hpp"
#include "etalon/error.hpp"
#include "etalon/slurm.hpp"

namespace etalon::cli {
namespace {

constexpr std::int64_t kMostSlots = 10'000;

void refuse_contradictions(const SlurmFlags& flags, const ProgramFlags& placing) {
  if (flags.jobs && flags.steps) {
    throw InputError("--slurm and --srun are both given", "",
                     "--slurm submits jobs; --srun runs inside the job that the study is in");
  }
  if (!flags.jobs && !flags.steps && !flags.options.empty()) {
    throw InputError("--slurm-option is given without --slurm", "", "add --slurm or --srun");
  }
  const bool has_slots = !placing.gpus.empty() || !placing.slots.empty();
  if ((flags.jobs || flags.steps) && has_slots) {
    throw InputError("--gpus and --slot are for one machine, not for Slurm", "",
                     "ask Slurm for what a trial needs: --slurm-option=--gpus=1");
  }
}

// The same program on another node: where this one's file is.
std::vector<std::string> supervisor_on_nodes() {
  return {std::filesystem::read_symlink("/proc/self/exe").string(), "supervise"};
}

}  // namespace

void add_slurm_flags(CLI::App& app, SlurmFlags& flags) {
  const std::string group = "On a cluster";
  app.add_flag("--slurm", flags.jobs, "Trials are jobs of Slurm's, --jobs at once (default 8)")
      ->group(group);
  app.add_flag("--srun", flags.steps, "Inside a job: trials are steps of it, one for each task")
      ->group(group);
  app.add_option("--slurm-option", flags.options,
                 "For sbatch (or srun), as partition=gpu; may be repeated")
      ->allow_extra_args(false)
      ->type_name("OPTION")
      ->group(group);
}

void place_trials(const SlurmFlags& flags, const ProgramFlags& placing, ProgramOptions& program) {
  refuse_contradictions(flags, placing);
  if (!flags.jobs && !flags.steps) return;
  program.supervisor = supervisor_on_nodes();
  std::int64_t slots = placing.jobs;
  if (flags.steps) {
    const std::int64_t tasks = tasks_of_allocation();
    slots = slots > 0 ? slots : tasks;
    program.supervisor = supervisor_in_step(program.supervisor, flags.options);
  } else {
    SlurmOptions slurm{.program = {}, .options = flags.options};
    slots = slots > 0 ? slots : slurm.jobs;
    slurm.jobs = slots;
    slurm.validate_jobs();
  }
  program.slots.assign(static_cast<std::size_t>(std::min(slots, kMostSlots)), {});
}

std::unique_ptr<TrialRunner> runner_of(const SlurmFlags& flags, const ProgramOptions& program) {
  if (!flags.jobs) return std::make_unique<ProgramRunner>(program);
  SlurmOptions slurm;
  slurm.program = program;
  slurm.options = flags.options;
  slurm.jobs = static_cast<std::int64_t>(program.slots.size());
  slurm.say = [](std::string_view message) { print_message(fmt::format("etalon: {}", message)); };
  return std::make_unique<SlurmRunner>(slurm);
}

}  // namespace etalon::cli

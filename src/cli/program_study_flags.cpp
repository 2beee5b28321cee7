// The flags of a study of a program.
#include <algorithm>

#include "cli/choices.hpp"
#include "cli/flag_groups.hpp"
#include "cli/number_checks.hpp"
#include "cli/program_study.hpp"
#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

void add_question_flags(CLI::App& app, ProgramStudyFlags& flags) {
  const std::string asked = "What is asked";
  app.add_option("--batch-sizes", flags.batch_sizes, "Batch sizes to find the best rate of")
      ->allow_extra_args(false)
      ->check(batch_size())
      ->delimiter(',')
      ->group(asked);
  app.add_option("--to", flags.targets, "Of these alone, where a known base is moved")
      ->allow_extra_args(false)
      ->check(batch_size())
      ->delimiter(',')
      ->group(asked);
  app.add_option("--base-batch-size", flags.base_batch_size,
                 "A batch size whose rate or other settings you know")
      ->check(batch_size())
      ->group(asked);
  app.add_option("--lr", flags.lr,
                 "That rate; without a base, where to start (default 0.001; sgd 0.1)")
      ->check(real_number())
      ->group(asked);
  app.add_option(
         "--tolerance", flags.tolerance,
         "Loss that counts as \"the same\": 0.02, or a share of the best (default 1%; with a "
         "target 0.1, in ln steps)")
      ->group(asked);
  app.add_option("--seeds", flags.campaign.ask.seeds, "Replicates of what is near the best")
      ->check(whole_number())
      ->capture_default_str()
      ->group(asked);
  app.add_option("--first-seed", flags.campaign.ask.first_seed, "The first of the seeds")
      ->check(natural_number())
      ->capture_default_str()
      ->group(asked);
}

void add_budget_flags(CLI::App& app, ProgramStudyFlags& flags) {
  const std::string budget = "What it may cost";
  app.add_option("--trials", flags.campaign.trials, "Trials in all, of all sessions")
      ->check(whole_number())
      ->capture_default_str()
      ->group(budget);
  app.add_option("--hours", flags.hours,
                 "After so many hours, of all sessions together, nothing more is started")
      ->check(real_number())
      ->group(budget);
  app.add_option("--retries", flags.campaign.retries, "How often a failed trial is started again")
      ->check(whole_number())
      ->capture_default_str()
      ->group(budget);
}

void add_pruning_flags(CLI::App& app, ProgramStudyFlags& flags) {
  const std::string budget = "What it may cost";
  app.add_option("--prune", flags.prune,
                 "Stop trials early that do worse: median, halving or off; not where the "
                 "program's schedule depends on its length")
      ->transform(one_of({"median", "halving", "off"}))
      ->capture_default_str()
      ->group(budget);
  app.add_option("--prune-grace", flags.prune_grace, "Share of a trial before which none is")
      ->capture_default_str()
      ->group(budget);
}

}  // namespace

void add_program_study_flags(CLI::App& app, ProgramStudyFlags& flags) {
  add_question_flags(app, flags);
  add_program_flags(app, flags.program);
  add_setting_flags(app, flags.settings);
  add_target_flags(app, "What is asked", flags.target);
  add_hardware_flags(app, kHardwareGroup, flags.hardware);
  add_slurm_flags(app, flags.slurm);
  add_budget_flags(app, flags);
  add_pruning_flags(app, flags);
  add_output_flags(app, flags.output);
}

std::vector<std::int64_t> asked_batch_sizes(const ProgramStudyFlags& flags) {
  if (!flags.targets.empty() && !flags.batch_sizes.empty()) {
    throw InputError("--batch-sizes and --to are both given", "",
                     "give --to alone where a known base is moved, else --batch-sizes");
  }
  std::vector<std::int64_t> asked = flags.targets.empty() ? flags.batch_sizes : flags.targets;
  if (asked.empty()) {
    throw InputError("no batch size is asked for", "",
                     "give --batch-sizes 256,512,1024, or --to 2048 with a known base");
  }
  std::sort(asked.begin(), asked.end());
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  return asked;
}

}  // namespace etalon::cli

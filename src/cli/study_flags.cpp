#include "cli/study_flags.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/choices.hpp"
#include "cli/noise_scale_file.hpp"
#include "cli/number_checks.hpp"
#include "etalon/scaling.hpp"

namespace etalon::cli {

std::vector<std::string> rule_names() {
  std::vector<std::string> names = {"fixed", "sqrt", "linear"};
  for (const RuleInfo& rule : scaling_rules()) {
    if (std::count(names.begin(), names.end(), rule.name) == 0) names.emplace_back(rule.name);
  }
  return names;
}

void add_ladder_flags(CLI::App& app, StudyFlags& flags) {
  const std::string ladder = "What is compared";
  StudyOptions& study = flags.study;
  app.add_option("--batch-sizes", study.batch_sizes, "Batch sizes, separated by commas")
      ->allow_extra_args(false)
      ->check(whole_number())
      ->delimiter(',')
      ->capture_default_str()
      ->group(ladder);
  app.add_option("--base-batch-size", flags.base_batch_size,
                 "The batch size that the rules scale from; default 32, or the nearest to it")
      ->check(whole_number())
      ->group(ladder);
  app.add_option("--rules", flags.rules,
                 "Scaling rules, separated by commas: any of etalon scale that fits the optimizer; "
                 "default fixed,sqrt,linear, and sde-power for adam, adamw and rmsprop")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->transform(one_of(rule_names()))
      ->group(ladder);
  app.add_option(
         "--noise-scale", study.noise_scale,
         "Gradient noise scale in examples, or a file of etalon noise --format json; for the "
         "rules that need it")
      ->transform(number_or_noise_file())
      ->check(real_number())
      ->group(ladder);
  app.add_flag("--measure-noise", flags.measure_noise,
               "Measure the noise scale first, on one training at the base batch size; adds the "
               "saturating rule")
      ->group(ladder);
  app.add_flag("--measure-curvature", flags.measure_curvature,
               "At the end, measure B_noise and the sharpness along trainings at the best learning "
               "rates, and say what limits them and by what rules break")
      ->group(ladder);
  app.add_option("--lr", study.lr_center,
                 fmt::format("Learning rate where the search starts. {}", first_lr_text()))
      ->check(real_number())
      ->group(ladder);
  app.add_flag("--range-first", flags.range_first,
               "Start the search where range tests at the base batch size put it")
      ->excludes(app.get_option("--lr"))
      ->group(ladder);
  app.add_option("--seeds", study.seeds,
                 "Replicates of what is near the best at the base batch size; elsewhere two begin")
      ->check(whole_number())
      ->capture_default_str()
      ->group(ladder);
  app.add_option("--most-seeds", study.most_seeds,
                 "As many where a verdict is open or an optimum wide; default twice --seeds")
      ->check(whole_number())
      ->group(ladder);
  app.add_option("--first-seed", study.first_seed, "The first of the seeds")
      ->check(natural_number())
      ->capture_default_str()
      ->group(ladder);
  app.add_flag("--grid", study.grid,
               "At the end, run every learning rate that is compared at every batch size, with all "
               "--seeds, but for what diverged there")
      ->group(ladder);
  app.add_option("--tolerance", study.tolerance, "Loss that counts as \"the same\"")
      ->check(real_number())
      ->capture_default_str()
      ->group(ladder);
  app.add_option("--level", study.level, "Coverage of every interval")
      ->check(real_number())
      ->capture_default_str()
      ->group(ladder);
}

void add_run_flags(CLI::App& app, StudyFlags& flags) {
  const std::string running = "Running";
  app.add_option("--jobs", flags.study.jobs, "Trials side by side; 0: one per processor")
      ->check(whole_number())
      ->capture_default_str()
      ->group(running);
  app.add_option("--retries", flags.study.retries, "How often a failed trial is started again")
      ->check(whole_number())
      ->capture_default_str()
      ->group(running);
  add_output_flags(app, flags.output);
}

}  // namespace etalon::cli

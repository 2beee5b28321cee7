// etalon study: measures the best learning rate at every batch size and how the rules fare.
#include "etalon/study.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <span>
#include <utility>

#include "cli/batch_schedule_flags.hpp"
#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/measured_noise.hpp"
#include "cli/noise_scale_file.hpp"
#include "cli/number_checks.hpp"
#include "cli/program_flags.hpp"
#include "cli/quadratic_flags.hpp"
#include "cli/standard_streams.hpp"
#include "cli/study_output.hpp"
#include "cli/toml_arguments.hpp"
#include "cli/training_flags.hpp"
#include "core/interrupt.hpp"
#include "etalon/error.hpp"
#include "etalon/report.hpp"
#include "etalon/store.hpp"
#include "etalon/target.hpp"
#include "nn/network.hpp"
#include "report/study/progress.hpp"
#include "study/rules.hpp"

namespace etalon::cli {
namespace {

struct StudyFlags {
  std::string file;
  TrainingFlags training;
  StudyOptions study;
  std::optional<std::int64_t> base_batch_size;
  std::vector<std::string> rules;  // none: the optimizer's own
  bool measure_noise = false;
  Target target;
  StudyOutput output;
};

// Of --measure-noise: the rule that follows the noise scale.
constexpr const char* kNoiseRule = "saturating";

// Steps that are within a tenth of each other count as the same, unless --tolerance says otherwise.
constexpr double kToleranceOfSteps = 0.1;

// Validation points of a curve out of which the steps to a target are read: with 60 a target that
// is met at a tenth of the budget lies between the sixth and the seventh.
constexpr std::int64_t kTargetEvaluations = 60;
// Those of a quadratic cost hardly anything.
constexpr std::int64_t kTargetPoints = 1000;

void add_target_flags(CLI::App& app, StudyFlags& flags) {
  auto* loss = app.add_option("--target-loss", flags.target.loss,
                              "Instead of the loss at the end of the budget, minimize the steps to "
                              "this validation loss");
  auto* accuracy =
      app.add_option("--target-accuracy", flags.target.accuracy, "The same to this accuracy");
  for (CLI::Option* option : {loss, accuracy}) {
    option->check(real_number())->group(kDataGroup)->excludes(app.get_option("--objective"));
  }
  accuracy->excludes(loss);
}

bool has_target(const StudyFlags& flags) { return flags.target.loss || flags.target.accuracy; }

// In the order in which they are shown, whatever the order in which they are named.
std::vector<std::string> rule_names() {
  std::vector<std::string> names = {"fixed", "sqrt", "linear"};
  for (const RuleInfo& rule : scaling_rules()) {
    if (std::count(names.begin(), names.end(), rule.name) == 0) names.emplace_back(rule.name);
  }
  return names;
}

std::vector<std::string> in_order(const std::vector<std::string>& rules) {
  std::vector<std::string> ordered;
  for (const std::string& name : rule_names()) {
    const auto times = std::count(rules.begin(), rules.end(), name);
    ordered.insert(ordered.end(), static_cast<std::size_t>(times), name);
  }
  return ordered;
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
      ->check(one_of(rule_names()))
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
  app.add_option("--lr", study.lr_center,
                 fmt::format("Learning rate where the search starts. {}", first_lr_text()))
      ->check(real_number())
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

// Of the optimizer's own rules, those that the schedule leaves alone; says which one it does not.
std::vector<std::string> rules_that_fit(const StudyOptions& options, const StudyFlags& flags,
                                        const TrainingOptions& training) {
  std::vector<std::string> rules = default_rules(options.recipe);
  if (!training.schedule_moves_momentum()) return rules;
  std::erase_if(rules, [&](const std::string& rule) {
    const std::int64_t other = 2 * options.base_batch_size;
    const MovedSettings moved = apply_rule(options, rule, other, options.first_lr()).moved;
    const bool left_out = moved.momentum || moved.beta1;
    if (left_out && !flags.output.quiet) {
      print_message(
          fmt::format("etalon: rule {} is left out: it moves beta1, and so does --schedule "
                      "{}, at every step",
                      rule, training.schedule.name));
    }
    return left_out;
  });
  return rules;
}

// Those of the study that goes on, where the recipe still has what they move: the usual ones may
// have been others when it began.
std::vector<std::string> stored_rules(const StudyOptions& options, const StudyFlags& flags) {
  const auto path = flags.output.file();
  if (!flags.output.resume || !std::filesystem::exists(path)) return {};
  std::vector<std::string> rules = rules_of(read_study_file(path, Curves::leave_out).fingerprint);
  const std::vector<std::string> known = rule_names();
  const bool fit = std::all_of(rules.begin(), rules.end(), [&](const std::string& rule) {
    return std::count(known.begin(), known.end(), rule) > 0 && rule_obstacle(options, rule).empty();
  });
  return fit ? rules : std::vector<std::string>{};
}

std::vector<std::string> choose_rules(const StudyOptions& options, const StudyFlags& flags,
                                      const TrainingOptions& training) {
  if (!flags.rules.empty()) return in_order(flags.rules);
  std::vector<std::string> rules = stored_rules(options, flags);
  if (!rules.empty()) return rules;
  rules = rules_that_fit(options, flags, training);
  const bool follows_noise = flags.measure_noise && rule_obstacle(options, kNoiseRule).empty();
  if (follows_noise) rules.emplace_back(kNoiseRule);
  return rules;
}

// The noise scale that a study which goes on was given.
std::optional<double> stored_noise_scale(const StudyFlags& flags) {
  const auto path = flags.output.file();
  if (!flags.output.resume || !std::filesystem::exists(path)) return std::nullopt;
  const StudyFile study = read_study_file(path, Curves::leave_out);
  const auto text = setting_of(study.fingerprint, "study.noise_scale");
  return text ? std::optional(std::stod(*text)) : std::nullopt;
}

// The one that is asked for, else the usual one, saying so where that is not among the batch sizes.
std::int64_t choose_base_batch_size(const StudyFlags& flags) {
  if (flags.base_batch_size) return *flags.base_batch_size;
  const std::int64_t base = default_base_batch_size(flags.study.batch_sizes);
  if (base != StudyOptions{}.base_batch_size && !flags.output.quiet) {
    print_message(fmt::format(
        "etalon: the rules scale from batch size {}; --base-batch-size chooses another", base));
  }
  return base;
}

// The study's options before rules are chosen, with the noise scale that those may need. Empty
// where its measurement was interrupted.
std::optional<StudyOptions> options_without_rules(const StudyFlags& flags,
                                                  const TrainingOptions& training) {
  StudyOptions options = flags.study;
  options.base_batch_size = choose_base_batch_size(flags);
  options.recipe = training.recipe();
  options.rules = {"fixed"};
  options.validate();
  if (!flags.measure_noise) return options;
  if (options.noise_scale) {
    throw InputError("--measure-noise and --noise-scale are both given", "", "give one");
  }
  if (is_quadratic(training.model)) {
    throw InputError("--measure-noise is for networks", "--model " + training.model,
                     "the noise scale of a quadratic is known: give it with --noise-scale");
  }
  options.noise_scale = stored_noise_scale(flags);
  if (!options.noise_scale) {
    options.noise_scale = measured_noise_scale(training, options, flags.output.quiet);
  }
  return options.noise_scale ? std::optional(options) : std::nullopt;
}

// The study's options once the training's are known, which decide what rules fit.
StudyOptions with_rules(StudyOptions options, const StudyFlags& flags,
                        const TrainingOptions& training) {
  options.rules = choose_rules(options, flags, training);
  options.validate();
  for (const std::string& rule : options.rules) {
    for (const std::int64_t batch_size : options.batch_sizes) {
      training.with(apply_rule(options, rule, batch_size, options.first_lr()).moved);
    }
  }
  return options;
}

// What trials come to an end before, said once: of the least batch size that it holds for.
void print_warnings(const TrainingWorkload& workload, std::vector<std::int64_t> batch_sizes) {
  std::sort(batch_sizes.begin(), batch_sizes.end());
  struct Late {
    std::string text;
    std::vector<std::int64_t> batch_sizes;
  };
  std::vector<Late> all;  // from the last on, which most batch sizes do not reach
  for (const std::int64_t batch_size : batch_sizes) {
    std::vector<std::string> here = workload.warnings(batch_size);
    std::reverse(here.begin(), here.end());
    for (std::size_t i = 0; i < here.size(); ++i) {
      if (i == all.size()) all.push_back({here[i], {}});
      all[i].batch_sizes.push_back(batch_size);
    }
  }
  std::reverse(all.begin(), all.end());
  for (const auto& [text, where] : all) {
    const std::span<const std::int64_t> others = std::span(where).subspan(1);
    print_message(fmt::format("etalon: at batch size {} {}{}{}", where.front(), text,
                              others.empty() ? "" : "; likewise at ", fmt::join(others, ", ")));
  }
}

// --metric val_loss, without the program that prints it.
void refuse_flags_without_command(const CLI::App& app, std::span<const char* const> arguments) {
  for (const std::string_view argument : arguments) {
    const std::string flag(argument.substr(0, argument.find('=')));
    if (!flag.starts_with("--") || app.get_option_no_throw(flag) != nullptr) continue;
    if (!is_of_a_program_study(flag)) continue;
    throw InputError(fmt::format("{} is of a study of your own program, which is not named", flag),
                     "", "end with its command: -- python3 train.py --lr {lr} and the like");
  }
}

template <typename Trained>
void check_batch_sizes(const Trained& workload, const StudyOptions& options) {
  for (const std::int64_t batch_size : options.batch_sizes) workload.check_batch_size(batch_size);
}

// Runs the study, or goes on with it, and says what came out; `engine` is what trains. Returns the
// exit code.
int run_and_deliver(const Workload& workload, std::string engine, const StudyOptions& options,
                    const StudyOutput& output, const std::vector<std::string>& words) {
  const StopFlag& stop = interrupt_flag();
  SqliteStore store = open_store(output, study_fingerprint(workload.info(), options));
  const Provenance provenance =
      note_provenance(words, output, std::move(engine), workload.info(), options, store);
  const auto progress = make_progress(stderr, output.quiet, options);
  progress->on_stored(store.load());
  const StudyResult result = etalon::run_study(workload, options, store, *progress, stop);
  progress->finish();
  return deliver(result, provenance, output, words, store);
}

int study_workload(const Workload& trained, const std::string& engine, const StudyOptions& options,
                   const StudyFlags& flags, const std::vector<std::string>& words) {
  if (!has_target(flags)) return run_and_deliver(trained, engine, options, flags.output, words);
  const TargetWorkload workload(trained, flags.target);
  return run_and_deliver(workload, engine, options, flags.output, words);
}

}  // namespace

int run_study(int argc, const char* const* argv) {
  const bool is_of_a_program = has_dashes(argc, argv) || name_settings_with("command", argc, argv);
  if (is_of_a_program) return run_program_study(argc, argv);
  CLI::App app(
      "Measures the best learning rate at every batch size on your workload, and where the "
      "scaling rules hold.\nWithout any flag: Fashion-MNIST, mlp:128, SGD, batch sizes 8 to 2048.\n"
      "The same settings give the same trials, bit for bit, on the same processor.",
      "etalon study");
  StudyFlags flags;
  auto* file = app.add_option("FILE", flags.file, "TOML file of these settings; flags win over it");
  add_ladder_flags(app, flags);
  add_run_flags(app, flags);
  add_data_flags(app, flags.training);
  app.get_option("--model")->description(
      "linear, mlp:H1,H2,... or lenet; or quadratic:N, whose best learning rates are known "
      "exactly");
  add_target_flags(app, flags);
  add_budget_flags(app, flags.training);
  add_optimizer_flag(app, flags.training);
  add_optimizer_settings(app, flags.training);
  add_schedule_flags(app, flags.training.schedule);
  refuse_batch_schedule(app);
  refuse_flags_without_command(app, {argv + 1, argv + argc});
  if (const auto code = parse_with_toml(app, *file, argc, argv)) {
    std::cout << "\n" << program_study_help();
    return *code;
  }

  if (has_target(flags) && app.count("--tolerance") == 0) {
    flags.study.tolerance = kToleranceOfSteps;
  }
  const TrainingOptions training = training_options(app, flags.training);
  const auto asked = options_without_rules(flags, training);
  if (!asked) return kInterrupted;
  const StudyOptions options = with_rules(*asked, flags, training);
  const std::vector<std::string> words = words_of(argc, argv);
  if (is_quadratic(training.model)) {
    QuadraticOptions quadratic = quadratic_of(app, training);
    if (has_target(flags)) quadratic.points = kTargetPoints;
    const QuadraticWorkload workload(quadratic);
    check_batch_sizes(workload, options);
    return study_workload(workload, "", options, flags, words);
  }
  const TrainingWorkload workload = has_target(flags)
                                        ? TrainingWorkload(training, kTargetEvaluations)
                                        : TrainingWorkload(training);
  check_batch_sizes(workload, options);
  print_warnings(workload, options.batch_sizes);
  return study_workload(workload, engine_version(), options, flags, words);
}

}  // namespace etalon::cli

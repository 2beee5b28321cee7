#include "cli/study_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cli/measured_limits.hpp"
#include "cli/measured_noise.hpp"
#include "cli/quadratic_flags.hpp"
#include "cli/ranged_start.hpp"
#include "cli/standard_streams.hpp"
#include "etalon/error.hpp"
#include "etalon/scaling.hpp"
#include "etalon/store.hpp"
#include "runs/table_values.hpp"
#include "study/rules.hpp"

namespace etalon::cli {
namespace {

// Of --measure-noise: the rule that follows the noise scale.
constexpr const char* kNoiseRule = "saturating";

std::vector<std::string> in_order(const std::vector<std::string>& rules) {
  std::vector<std::string> ordered;
  for (const std::string& name : rule_names()) {
    const auto times = std::count(rules.begin(), rules.end(), name);
    ordered.insert(ordered.end(), static_cast<std::size_t>(times), name);
  }
  return ordered;
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
  std::vector<std::string> rules =
      etalon::rules_of(read_study_file(path, Curves::leave_out).fingerprint);
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

// A number that a study which goes on was given.
std::optional<double> stored_number(const StudyFlags& flags, const char* name) {
  const auto path = flags.output.file();
  if (!flags.output.resume || !std::filesystem::exists(path)) return std::nullopt;
  const StudyFile study = read_study_file(path, Curves::leave_out);
  const auto text = setting_of(study.fingerprint, name);
  return text ? parse_number(*text) : std::nullopt;
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

void refuse_quadratic(const StudyFlags& flags, const TrainingOptions& training) {
  if (!is_quadratic(training.model)) return;
  const std::string place = "--model " + training.model;
  if (flags.range_first) {
    throw InputError("--range-first is for networks", place,
                     "its best learning rates are known: start with --lr");
  }
  if (flags.measure_curvature) {
    throw InputError("--measure-curvature is for networks", place,
                     "the Hessian of a quadratic is known: its eigenvalues are i^-h_power");
  }
  throw InputError("--measure-noise is for networks", place,
                   "the noise scale of a quadratic is known: give it with --noise-scale");
}

// False where it was interrupted.
bool find_start(const StudyFlags& flags, const TrainingOptions& training, StudyOptions& options) {
  if (!flags.range_first) return true;
  options.lr_center = stored_number(flags, "study.lr_center");
  if (!options.lr_center) {
    options.lr_center = ranged_start(training, options, flags.output.quiet);
  }
  return options.lr_center.has_value();
}

// False where it was interrupted.
bool find_noise(const StudyFlags& flags, const TrainingOptions& training, StudyOptions& options) {
  if (!flags.measure_noise) return true;
  if (options.noise_scale) {
    throw InputError("--measure-noise and --noise-scale are both given", "", "give one");
  }
  options.noise_scale = stored_number(flags, "study.noise_scale");
  if (!options.noise_scale) {
    options.noise_scale = measured_noise_scale(training, options, flags.output.quiet);
  }
  return options.noise_scale.has_value();
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

// What would be refused after a measurement that takes as long as a trial.
void check_cheaply(StudyOptions options, const StudyFlags& flags, const TrainingOptions& training) {
  refuse_quadratic(flags, training);
  if (flags.measure_curvature) refuse_limits(training);
  refuse_existing_study(flags.output);
  const std::int64_t examples = load_training_data(training).size();
  for (const std::int64_t each : options.batch_sizes) training.check_fits(each, examples);
  if (flags.measure_noise && !options.noise_scale) options.noise_scale = 1.0;
  StudyFlags silent = flags;
  silent.output.quiet = true;
  with_rules(options, silent, training);
}

// The study's options before rules are chosen, with what is measured before it begins. Empty where
// that was interrupted.
std::optional<StudyOptions> options_without_rules(const StudyFlags& flags,
                                                  const TrainingOptions& training) {
  StudyOptions options = flags.study;
  options.base_batch_size = choose_base_batch_size(flags);
  options.recipe = training.recipe();
  options.rules = {"fixed"};
  options.validate();
  const bool measures = flags.measure_noise || flags.measure_curvature || flags.range_first;
  if (measures) check_cheaply(options, flags, training);
  const bool is_whole =
      find_start(flags, training, options) && find_noise(flags, training, options);
  return is_whole ? std::optional(options) : std::nullopt;
}

}  // namespace

std::optional<StudyOptions> study_options(const StudyFlags& flags,
                                          const TrainingOptions& training) {
  const auto options = options_without_rules(flags, training);
  if (!options) return std::nullopt;
  return with_rules(*options, flags, training);
}

}  // namespace etalon::cli

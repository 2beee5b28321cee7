// etalon study: measures the best learning rate at every batch size and how the rules fare.
#include "etalon/study.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <span>
#include <utility>

#include "cli/batch_schedule_flags.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/program_flags.hpp"
#include "cli/quadratic_flags.hpp"
#include "cli/standard_streams.hpp"
#include "cli/study_flags.hpp"
#include "cli/study_options.hpp"
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

namespace etalon::cli {
namespace {

// Steps that are within a tenth of each other count as the same, unless --tolerance says otherwise.
constexpr double kToleranceOfSteps = 0.1;

// Validation points of a curve out of which the steps to a target are read: with 60 a target that
// is met at a tenth of the budget lies between the sixth and the seventh.
constexpr std::int64_t kTargetEvaluations = 60;
// Those of a quadratic cost hardly anything.
constexpr std::int64_t kTargetPoints = 1000;

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
  if (!flags.has_target()) return run_and_deliver(trained, engine, options, flags.output, words);
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
  add_augment_flag(app, flags.training);
  app.get_option("--model")->description(
      "linear, mlp:H1,H2,..., lenet, resnet8, resnet20, vit:tiny, gpt:LxDxH; or quadratic:N, whose "
      "best learning rates are known "
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

  if (flags.has_target() && app.count("--tolerance") == 0) {
    flags.study.tolerance = kToleranceOfSteps;
  }
  const TrainingOptions training = training_options(app, flags.training);
  const auto asked = study_options(flags, training);
  if (!asked) return kInterrupted;
  const StudyOptions& options = *asked;
  const std::vector<std::string> words = words_of(argc, argv);
  if (is_quadratic(training.model)) {
    QuadraticOptions quadratic = quadratic_of(app, training);
    if (flags.has_target()) quadratic.points = kTargetPoints;
    const QuadraticWorkload workload(quadratic);
    check_batch_sizes(workload, options);
    return study_workload(workload, "", options, flags, words);
  }
  const TrainingWorkload workload = flags.has_target()
                                        ? TrainingWorkload(training, kTargetEvaluations)
                                        : TrainingWorkload(training);
  check_batch_sizes(workload, options);
  for (const std::string& note : workload.data().notes) print_message("etalon: " + note);
  print_warnings(workload, options.batch_sizes);
  return study_workload(workload, engine_version(), options, flags, words);
}

}  // namespace etalon::cli

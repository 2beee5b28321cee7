// etalon study: measures the best learning rate at every batch size and how the rules fare.
#include "etalon/study.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>
#include <span>
#include <utility>

#include "cli/batch_schedule_flags.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/measured_limits.hpp"
#include "cli/memory_check.hpp"
#include "cli/own_model.hpp"
#include "cli/program_flags.hpp"
#include "cli/quadratic_flags.hpp"
#include "cli/standard_streams.hpp"
#include "cli/study_flags.hpp"
#include "cli/study_options.hpp"
#include "cli/study_output.hpp"
#include "cli/target_flags.hpp"
#include "cli/toml_arguments.hpp"
#include "cli/training_flags.hpp"
#include "cli/watch_process.hpp"
#include "core/interrupt.hpp"
#include "etalon/error.hpp"
#include "etalon/report.hpp"
#include "etalon/store.hpp"
#include "etalon/target.hpp"
#include "model/model_file.hpp"
#include "nn/network.hpp"
#include "report/study/progress.hpp"
#include "watch/live_curves.hpp"

namespace etalon::cli {
namespace {

// Validation points of a curve out of which the steps to a target are read: with 60 a target that
// is met at a tenth of the budget lies between the sixth and the seventh.
constexpr TrialMeasurements kTargetMeasurements = {.evaluations = 60, .train_loss = false};
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

void add_built_in_study_flags(CLI::App& app, StudyFlags& flags) {
  add_ladder_flags(app, flags);
  add_run_flags(app, flags);
  add_data_flags(app, flags.training);
  add_augment_flag(app, flags.training);
  app.get_option("--model")->description(
      "linear, mlp:H1,H2,..., lenet, resnet8, resnet20, vit:tiny, gpt:LxDxH, or FILE.toml, a stack "
      "of layers; or quadratic:N, whose best learning rates are known exactly");
  add_target_flags(app, kDataGroup, flags.target);
  add_hardware_flags(app, kHardwareGroup, flags.hardware);
  add_budget_flags(app, flags.training);
  add_optimizer_flag(app, flags.training);
  add_optimizer_settings(app, flags.training);
  add_schedule_flags(app, flags.training.schedule);
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

// Of a set whose targets are numbers no accuracy is measured.
void check_target(const Target& target, const DataSplits& data) {
  if (!target.accuracy || !data.train.shape().is_regression()) return;
  throw InputError(fmt::format("--target-accuracy is {}", *target.accuracy), data.source,
                   "targets are not right or wrong: take --target-loss");
}

// What was asked for.
struct StudyOrder {
  const StudyFlags& flags;
  const TrainingOptions& training;
  const StudyOptions& options;
  const std::vector<std::string>& words;
  std::string engine;  // what trains
};

// What limits the learning rates, once they are known: as it is stored, else measured now where
// that is asked for.
void add_limits(const StudyOrder& order, SqliteStore& store, StudyResult& result) {
  if (result.interrupted) return;
  if (const auto stored = store.meta(kLimitsMeta)) result.limits = limits_from_text(*stored);
  if (result.limits || !order.flags.measure_curvature || !result.learned) return;
  result.limits = measured_limits(order.training, result, order.flags.output.quiet);
  result.interrupted = !result.limits.has_value();
  if (result.limits) store.set_meta(kLimitsMeta, limits_to_text(*result.limits));
}

// Runs the study, or goes on with it, and says what came out. Returns the exit code.
int run_and_deliver(const Workload& workload, const StudyOrder& order) {
  const StopFlag& stop = interrupt_flag();
  const StudyOutput& output = order.flags.output;
  SqliteStore store = open_store(output, study_fingerprint(workload.info(), order.options));
  const std::string model = write_model(workload.info(), order.training, output.out);
  const Provenance provenance = note_provenance(order.words, output, order.engine, workload.info(),
                                                order.options, store, model);
  const auto progress = make_progress(stderr, output.quiet, workload.info(), order.options);
  progress->on_stored(store.load());
  const auto page = watch_process(output.watch, output.out);
  LiveCurves live(output.out, *progress);
  StudyResult result = etalon::run_study(workload, order.options, store, live, stop);
  progress->finish();
  add_limits(order, store, result);
  result.hardware = kept_hardware(order.flags.hardware, order.options.batch_sizes,
                                  order.flags.target.is_any(), store);
  return deliver(result, provenance, output, order.words, store);
}

// Of the study that goes on, where it has a model out of a file.
std::optional<std::string> stored_layers(const StudyOutput& output) {
  if (!output.resume || !std::filesystem::exists(output.file())) return std::nullopt;
  return setting_of(read_study_file(output.file(), Curves::leave_out).fingerprint, "layers");
}

int study_workload(const Workload& trained, const StudyOrder& order) {
  const Target& target = order.flags.target;
  if (!target.is_any()) return run_and_deliver(trained, order);
  return run_and_deliver(TargetWorkload(trained, target), order);
}

}  // namespace

bool is_of_a_built_in_study(const std::string& flag) {
  CLI::App app("", "etalon study");
  StudyFlags flags;
  add_built_in_study_flags(app, flags);
  return app.get_option_no_throw(flag) != nullptr;
}

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
  add_built_in_study_flags(app, flags);
  refuse_batch_schedule(app);
  refuse_flags_without_command(app, {argv + 1, argv + argc});
  if (const auto code = parse_with_toml(app, *file, argc, argv)) {
    std::cout << "\n" << program_study_help();
    return *code;
  }

  if (flags.target.is_any() && app.count("--tolerance") == 0) {
    flags.study.tolerance = kToleranceOfSteps;
  }
  hardware_of(flags.hardware, flags.study.batch_sizes, flags.target.is_any());
  TrainingOptions training = training_options(app, flags.training);
  if (is_model_file(training.model)) keep_layers(training, stored_layers(flags.output), "study");
  const auto asked = study_options(flags, training);
  if (!asked) return kInterrupted;
  const StudyOptions& options = *asked;
  const std::vector<std::string> words = words_of(argc, argv);
  if (is_quadratic(training.model)) {
    QuadraticOptions quadratic = quadratic_of(app, training);
    if (flags.target.is_any()) quadratic.points = kTargetPoints;
    const QuadraticWorkload workload(quadratic);
    check_batch_sizes(workload, options);
    return study_workload(workload, {flags, training, options, words, ""});
  }
  const TrainingWorkload workload = flags.target.is_any()
                                        ? TrainingWorkload(training, kTargetMeasurements)
                                        : TrainingWorkload(training);
  check_target(flags.target, workload.data());
  check_batch_sizes(workload, options);
  check_memory(training, workload.model(), options.batch_sizes, options.jobs);
  for (const std::string& note : workload.data().notes) print_message("etalon: " + note);
  print_warnings(workload, options.batch_sizes);
  return study_workload(workload, {flags, training, options, words, engine_version()});
}

}  // namespace etalon::cli
